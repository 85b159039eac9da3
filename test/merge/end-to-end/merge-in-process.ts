import { resolve } from "node:path";
import { openMergeKernels } from "../../../src/merge/core/kernels/open-kernels.js";
import { MersenneTwister } from "../../../src/merge/core/mersenne-twister.js";
import { parseMergeConfig } from "../../../src/merge/config/read-config.js";
import { executeMerge, type MergeSummary } from "../../../src/merge/execute/execute-merge.js";
import { createFileReader } from "../../../src/merge/inputs/file-reader.js";
import { methodTable } from "../../../src/merge/methods/table.js";
import type { MergePlan } from "../../../src/merge/plan/merge-plan.js";
import { planMerge } from "../../../src/merge/plan/plan-merge.js";

export interface InProcessMerge {
  readonly cwd: string;
  readonly yaml: string;
  readonly seed?: number;
  readonly shardBytes?: number;
  readonly isCompatible?: boolean;
  /** The merge is interrupted after so many tensors. */
  readonly interruptAfter?: number;
}

/** Plans a merge and hands the plan out while its files are open. */
export async function withPlan<Result>(
  { cwd, yaml, seed = 0, shardBytes = 5e9, isCompatible = false }: InProcessMerge,
  use: (plan: MergePlan) => Result | Promise<Result>,
): Promise<Result> {
  const files = createFileReader();
  try {
    const plan = planMerge(parseMergeConfig(yaml, "merge.yml", methodTable), {
      folderOf: (path) => resolve(cwd, path),
      files,
      shardBytes,
      seed,
      isCompatible,
      allowsMixedArchitectures: false,
      copiesTokenizer: true,
      writesModelCard: true,
    });
    return await use(plan);
  } finally {
    files.close();
  }
}

/** Merges into `out` without a process of its own. */
export function mergeInProcess(options: InProcessMerge): Promise<MergeSummary> {
  const { cwd, seed = 0, interruptAfter = Infinity } = options;
  const { kernels, transfers } = openMergeKernels(1);
  const interruption = new AbortController();
  let done = 0;
  return withPlan(options, (plan) =>
    executeMerge(plan, resolve(cwd, "out"), {
      kernels,
      transfers,
      random: new MersenneTwister(seed),
      signal: interruption.signal,
      onProgress: () => {
        if (++done === interruptAfter) interruption.abort();
      },
    }),
  );
}
