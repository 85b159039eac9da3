import type { RunKind } from "../../jobs/execute-job.js";
import type { JobKind } from "../../jobs/job.js";
import { runEvaluate } from "./evaluate.js";
import { runMerge } from "./merge.js";
import { runShards } from "./shards.js";
import { runStart } from "./start.js";
import { runTokenize } from "./tokenize.js";
import { runTokenizer } from "./tokenizer.js";
import { runTrain } from "./train.js";

export const jobKinds: Readonly<Record<JobKind, RunKind>> = {
  tokenizer: runTokenizer,
  tokenize: runTokenize,
  shards: runShards,
  start: runStart,
  train: runTrain,
  merge: runMerge,
  evaluate: runEvaluate,
};
