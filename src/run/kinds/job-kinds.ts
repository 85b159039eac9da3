import type { JobKind } from "../../jobs/execute-job.js";
import { identifyJob, type Job } from "../../jobs/job.js";
import { runEvaluate } from "./evaluate.js";
import { runLineSearch } from "./line-search.js";
import { runMerge } from "./merge.js";
import { runSearchDocuments } from "./search-documents.js";
import { runShards } from "./shards.js";
import { runInitialize } from "./initialize.js";
import { runTokenize } from "./tokenize.js";
import { runTokenizer } from "./tokenizer.js";
import { runTrain } from "./train.js";

/** All kinds of jobs. If a kind's output changes, its version must be raised. */
export const jobKinds = {
  tokenizer: { version: 3, run: runTokenizer },
  tokenize: { version: 9, run: runTokenize },
  shards: { version: 5, run: runShards },
  initialize: { version: 4, run: runInitialize },
  train: { version: 7, run: runTrain },
  merge: { version: 5, run: runMerge },
  "search-documents": { version: 2, run: runSearchDocuments },
  "line-search": { version: 3, run: runLineSearch },
  evaluate: { version: 8, run: runEvaluate },
} as const satisfies Readonly<Record<string, JobKind>>;

export type JobKindName = keyof typeof jobKinds;

export function createJob(job: Omit<Job, "id" | "kind"> & { readonly kind: JobKindName }): Job {
  return identifyJob(job, jobKinds[job.kind].version);
}
