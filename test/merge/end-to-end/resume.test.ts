import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createHash } from "node:crypto";
import { temporaryFolder } from "../../temporary-folder.js";
import { merge, mergeConfig, writeModel, type ModelTensor } from "./merge-runs.js";

/** Models that take a second to merge. */
function models(folder: string): string {
  for (const [k, name] of ["base", "A", "B"].entries()) {
    const tensors: Record<string, ModelTensor> = {};
    for (let i = 0; i < 12; i++) {
      const values = Float32Array.from({ length: 300 * 1000 }, (_, j) => Math.sin(j * (k + 1) + i));
      tensors[`model.layers.${i}.mlp.up_proj.weight`] = { shape: [300, 1000], values };
    }
    writeModel(join(folder, name), tensors);
  }
  return `models:
  - model: A
    parameters: {weight: 0.6, density: 0.4}
  - model: B
    parameters: {weight: 0.5, density: 0.7}
merge_method: dare_ties
base_model: base
`;
}

const args = ["--out-shard-size", "5m", "--random-seed", "7"];

function hashes(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  const of = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

test("a merge that is killed goes on and gives the same bytes", async () => {
  const folder = temporaryFolder();
  const yaml = models(folder);
  expect((await mergeConfig(folder, yaml, args)).code).toBe(0);
  const expected = hashes(join(folder, "out"));
  const journal = join(folder, "again.partial/merge-journal.jsonl");
  const killed = await merge(folder, ["merge.yml", "again", ...args], (pid) => {
    const timer = setInterval(() => {
      if (!existsSync(journal) || readFileSync(journal, "utf8").split("\n").length < 5) return;
      clearInterval(timer);
      process.kill(pid, "SIGKILL");
    }, 1);
  });
  expect(killed.code).toBe(null);
  expect(existsSync(join(folder, "again"))).toBe(false);
  const { code, out } = await merge(folder, ["merge.yml", "again", ...args, "--json"]);
  expect(code).toBe(0);
  expect((JSON.parse(out) as { resumed: number }).resumed).toBeGreaterThanOrEqual(3);
  const again = hashes(join(folder, "again"));
  const card = (name: string) => name !== "README.md";
  expect(Object.entries(again).filter(([name]) => card(name))).toEqual(
    Object.entries(expected).filter(([name]) => card(name)),
  );
  expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
});
