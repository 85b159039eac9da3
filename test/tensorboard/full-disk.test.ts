import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { appendJournal } from "../../src/files/journal.js";
import type { PlannedJob } from "../../src/run/graph/strategy-roles.js";
import { watchPart } from "../../src/run/tensorboard/watched-series.js";
import { makeSmallDisk, type SmallDisk } from "../run/small-disk.js";
import { temporaryFolder } from "../temporary-folder.js";
import { decodeEvents, scalarsOf } from "./decode-events.js";

const disk = makeSmallDisk();
const reason = "reason" in disk ? ` (skipped: ${disk.reason})` : "";
afterAll(() => {
  if ("remove" in disk) disk.remove();
});

it.skipIf("reason" in disk)(`a full disk loses nothing: the next update adds what is missing${reason}`, async () => {
  const { folder } = disk as SmallDisk;
  const store = { folder: temporaryFolder() };
  const journal = join(store.folder, "jobs", "train-1", "journal.jsonl");
  mkdirSync(join(store.folder, "jobs", "train-1"), { recursive: true });
  const job = { id: "train-1" } as PlannedJob;
  const series = watchPart(store, { folder: "part-1", job }, folder, () => {});
  const add = (from: number, to: number) => {
    for (let step = from; step <= to; step++)
      appendJournal(journal, { step, loss: step, learningRate: 1, gradientNorm: 1, tokens: step, seconds: step });
  };
  add(1, 20);
  await series.update();
  const filling = join(folder, "filling");
  try {
    writeFileSync(filling, Buffer.alloc(1 << 17));
  } catch {
    // Full now.
  }
  add(21, 200);
  await expect(series.update()).rejects.toThrow("got a full disk (ENOSPC)");
  await expect(series.update()).rejects.toThrow("got a full disk (ENOSPC)");
  rmSync(filling);
  (disk as SmallDisk).resize(1 << 20);
  await series.update();
  const steps = Array.from({ length: 200 }, (_, i) => i + 1);
  const lines = readFileSync(join(folder, "part-1", "metrics.jsonl"), "utf8")
    .split("\n")
    .slice(0, -1);
  expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual(steps);
  const events = decodeEvents(join(folder, "part-1", "events.out.tfevents." + startOf(lines[0]) + ".strata"));
  expect(
    scalarsOf(events)
      .get("loss")!
      .map(({ value }) => value),
  ).toEqual(steps);
});

/** The first second of the part, whose first step ends after one second. */
function startOf(line: string): number {
  return Math.floor((JSON.parse(line) as { timestamp: number }).timestamp - 1);
}
