import { cutShards, verifyShards } from "../../corpus/shards/shards.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";

export interface ShardsParameters {
  readonly shards: number;
  /** The share of the tokens in each; absent for equal shards. */
  readonly shares?: readonly number[];
  readonly seed: number;
}

export async function runShards(context: JobContext): Promise<JobResult> {
  const { shards, shares, seed } = context.job.parameters as ShardsParameters;
  const started = performance.now();
  const manifest = await cutShards({
    sources: Object.keys(context.job.inputs)
      .sort()
      .map((name) => context.input(name)),
    shards,
    shares,
    seed,
    folder: context.folder,
    onProgress: (done, total) => context.progress({ done, total, unit: "documents", note: "" }),
  });
  await verifyShards(context.folder);
  return { seconds: (performance.now() - started) / 1000, result: manifest };
}
