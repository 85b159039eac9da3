import { StrataError } from "../tensor/errors.js";
import type { Strategy } from "./strategy.js";

/** @throws StrataError unless there is one window or one per shard, each inside the model, and at least one round */
export function checkStrategy({ name, windows, rounds }: Strategy, layers: number, shards: number): void {
  const fail = (what: string, expected: string, got: string, hint: string) =>
    new StrataError("PlanError", { where: `strategy ${name} ${what}`, expected, got, hint });
  if (windows.length !== 1 && windows.length !== shards) {
    const hint = "Cut the data into as many shards as there are windows.";
    throw fail("windows", `1 or ${shards}, one per shard`, `${windows.length}`, hint);
  }
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw fail("rounds", "a whole number from 1 on", `${rounds}`, "Use 1 for a single merge at the end.");
  }
  for (const [i, { first, end }] of windows.entries()) {
    if (0 <= first && first < end && end <= layers) continue;
    const hint = `Use half-open ranges such as ${Math.max(0, layers - 4)}-${layers}.`;
    throw fail(`windows[${i}]`, `a window inside layers 0–${layers}`, `${first}-${end}`, hint);
  }
}
