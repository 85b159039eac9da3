import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { strata } from "../run/strata.js";
import { skipReason, startCluster, type Cluster } from "../slurm/cluster.mjs";
import { writeSlurmRecipe } from "../slurm/slurm-recipe.js";
import { memoryFolder } from "../temporary-folder.js";

const reason = skipReason();

/** Values of each step, by file, without times. */
function metricsIn(root: string): Record<string, unknown> {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jsonl"));
  const rowsOf = (name: string) => readFileSync(join(root, name), "utf8").split("\n").slice(0, -1);
  const parse = (line: string) => ({ ...(JSON.parse(line) as object), timestamp: null });
  return Object.fromEntries(names.sort().map((name) => [name, rowsOf(name).map(parse)]));
}

describe.skipIf(reason !== null)(`jobs of Slurm${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  let cluster: Cluster;
  beforeAll(async () => void (cluster = await startCluster(memoryFolder())));
  afterAll(() => cluster?.stop());

  it("are followed by the process that watches them", async () => {
    const runs = join(memoryFolder(), "runs");
    const args = ["run", writeSlurmRecipe(memoryFolder()), "--runs", runs, "--slurm", "--tensorboard"];
    const { code, err } = await strata(args, () => {}, cluster.environment);
    expect([code, err]).toEqual([0, expect.not.stringContaining("TensorBoard:")]);
    const exported = join(memoryFolder(), "metrics");
    expect((await strata(["export", "tensorboard", join(runs, "tiny"), exported])).code).toBe(0);
    const metrics = metricsIn(join(runs, "tiny", "tensorboard"));
    expect(Object.keys(metrics).length).toBeGreaterThan(2);
    expect(metrics).toEqual(metricsIn(exported));
  });
});
