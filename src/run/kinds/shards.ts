import { cutShards, verifyShards, type ShardManifest } from "../../corpus/shards/shards.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";

export interface ShardsParameters {
  readonly shards: number;
  readonly seed: number;
}

/** Names of inputs: a data set that is cut, and one of which only what it holds out matters; then a number. */
export const sourcePrefix = "source-";
export const holdingPrefix = "held-out-";

/** What a job of this kind records. */
export type ShardsResult = ShardManifest;

export async function runShards(context: JobContext): Promise<JobResult> {
  const { shards, seed } = context.job.parameters as ShardsParameters;
  const started = performance.now();
  const inputs = (prefix: string) =>
    Object.keys(context.job.inputs)
      .filter((name) => name.startsWith(prefix))
      .sort()
      .map((name) => context.input(name));
  const manifest = await cutShards({
    sources: inputs(sourcePrefix),
    holding: inputs(holdingPrefix),
    shards,
    seed,
    folder: context.folder,
    onProgress: (done, total) => context.progress({ done, total, unit: "documents", note: "" }),
  });
  await verifyShards(context.folder);
  const result: ShardsResult = manifest;
  return { seconds: (performance.now() - started) / 1000, result };
}
