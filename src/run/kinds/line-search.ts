import { join } from "node:path";
import type { ComputeDType } from "../../device/kernels.js";
import type { EncodedText } from "../../evaluate/task/encoded-text.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import { lineSearch } from "../../merge/line-search/line-search.js";
import type { FoundLambda } from "../../merge/line-search/search-lambda.js";
import { openTokenizer } from "../../tokenizer/tokenizer.js";
import { searchDocumentsFile } from "./search-documents.js";
import { readText } from "../../files/read-text.js";

export interface LineSearchParameters {
  /** The largest λ. */
  readonly maximum: number;
  /** Whether each group of tensors gets its own λ. */
  readonly groups: boolean;
  readonly sequenceLength: number;
  readonly dtype: ComputeDType;
}

/** The result that a line search records. */
export type LineSearchResult = FoundLambda;

/** Scales the change of a merge: inputs `base`, `merged` and `documents`; output `model`. */
export async function runLineSearch(context: JobContext): Promise<JobResult> {
  const { maximum, groups, sequenceLength, dtype } = context.job.parameters as LineSearchParameters;
  const started = performance.now();
  const merged = context.input("merged");
  const documents = JSON.parse(
    readText(join(context.input("documents"), searchDocumentsFile)),
  ) as readonly EncodedText[];
  const result: LineSearchResult = await lineSearch({
    device: await context.device(dtype),
    base: context.input("base"),
    merged,
    tokenizer: openTokenizer(merged),
    documents,
    maximum,
    groups,
    sequenceLength,
    folder: join(context.folder, "model"),
    signal: context.signal,
    onCandidate: (done) => context.progress({ done, total: usualCandidates(groups), unit: "values of λ", note: "" }),
  });
  return { seconds: (performance.now() - started) / 1000, result };
}

/** How many values of λ a search usually tries. */
function usualCandidates(groups: boolean): number {
  return groups ? 12 : 4;
}
