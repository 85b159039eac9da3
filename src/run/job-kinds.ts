import type { RunKind } from "./execute-job.js";
import type { JobKind } from "./job.js";
import { runEvaluate } from "./kinds/evaluate.js";
import { runMerge } from "./kinds/merge.js";
import { runShards } from "./kinds/shards.js";
import { runStart } from "./kinds/start.js";
import { runTokenize } from "./kinds/tokenize.js";
import { runTokenizer } from "./kinds/tokenizer.js";
import { runTrain } from "./kinds/train.js";

export const jobKinds: Readonly<Record<JobKind, RunKind>> = {
  tokenizer: runTokenizer,
  tokenize: runTokenize,
  shards: runShards,
  start: runStart,
  train: runTrain,
  merge: runMerge,
  evaluate: runEvaluate,
};
