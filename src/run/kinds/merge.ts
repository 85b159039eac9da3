import { join } from "node:path";
import { mergeModels, type MergeSettings } from "../../merge/merge.js";
import type { Window } from "../../model/config/window.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";

export interface MergeParameters {
  /** Of parts 0 … P−1, whose models or changes are the inputs `part-0` …. */
  readonly windows: readonly Window[];
  readonly settings: MergeSettings;
  /** Whether the inputs of the parts are the files of their changes, not their models. */
  readonly fromChanges?: true;
}

export async function runMerge(context: JobContext): Promise<JobResult> {
  const { windows, settings, fromChanges } = context.job.parameters as MergeParameters;
  const started = performance.now();
  const record = await mergeModels({
    base: context.input("base"),
    parts: windows.map((window, i) => {
      const path = context.input(`part-${i}`);
      return fromChanges ? { change: path, window } : { folder: path, window };
    }),
    settings,
    folder: join(context.folder, "model"),
    momentum: "momentum" in context.job.inputs ? context.input("momentum") : null,
    threads: context.threads,
    instructions: context.instructions,
    onProgress: (done, total) => context.progress({ done, total, unit: "tensors", note: "" }),
    onNote: context.note,
  });
  return { seconds: (performance.now() - started) / 1000, result: record };
}
