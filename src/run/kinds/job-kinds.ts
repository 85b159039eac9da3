import type { JobKind } from "../../jobs/execute-job.js";
import { identifyJob, type Job } from "../../jobs/job.js";

/**
 * All kinds of jobs, whose code is loaded by their first job: a worker may execute only one, and a command that plans
 * none. If a kind's output changes, its version must be raised.
 */
export const jobKinds = {
  tokenizer: { version: 3, run: async (job) => (await import("./tokenizer.js")).runTokenizer(job) },
  tokenize: { version: 9, run: async (job) => (await import("./tokenize.js")).runTokenize(job) },
  shards: { version: 5, run: async (job) => (await import("./shards.js")).runShards(job) },
  initialize: { version: 4, run: async (job) => (await import("./initialize.js")).runInitialize(job) },
  train: { version: 7, run: async (job) => (await import("./train.js")).runTrain(job) },
  merge: { version: 5, run: async (job) => (await import("./merge.js")).runMerge(job) },
  "search-documents": {
    version: 2,
    run: async (job) => (await import("./search-documents.js")).runSearchDocuments(job),
  },
  "line-search": { version: 3, run: async (job) => (await import("./line-search.js")).runLineSearch(job) },
  evaluate: { version: 8, run: async (job) => (await import("./evaluate.js")).runEvaluate(job) },
} as const satisfies Readonly<Record<string, JobKind>>;

export type JobKindName = keyof typeof jobKinds;

export function createJob(job: Omit<Job, "id" | "kind"> & { readonly kind: JobKindName }): Job {
  return identifyJob(job, jobKinds[job.kind].version);
}
