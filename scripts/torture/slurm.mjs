// The executor of `strata run RECIPE --slurm`: jobs of a private Slurm of one node, whose slurmd may be killed too.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { skipReason, startCluster } from "../../test/slurm/cluster.mjs";

const program = join(import.meta.dirname, "../../dist/cli/main.js");

export function slurmSkipReason() {
  const missing = skipReason();
  if (missing !== null) return missing;
  const { stdout } = spawnSync(process.execPath, [program, "run", "--help"], { encoding: "utf8" });
  return stdout.includes("--slurm") ? null : "`strata run` has no --slurm";
}

export async function openSlurm(folder) {
  const clusterFolder = join(folder, "slurm");
  mkdirSync(clusterFolder);
  const cluster = await startCluster(clusterFolder);
  return {
    name: "slurm",
    command: (recipe, store) => [program, "run", recipe, "--runs", store, "--quiet", "--slurm"],
    environment: cluster.environment,
    others: () => [cluster.pids().slurmd],
    async heal() {
      for (const [name, pid] of Object.entries(cluster.pids())) {
        if (existsSync(`/proc/${pid}/exe`)) continue;
        await cluster.stopDaemon(name);
        await cluster.startDaemon(name);
      }
    },
    close: () => cluster.stop(),
  };
}
