import type { Device } from "#strata/device/kernels.js";
import { evaluate } from "#strata/evaluate/evaluate.js";
import type { MultipleChoiceTask } from "#strata/evaluate/metric/multiple-choice.js";
import type { Tokenizer } from "#strata/tokenizer/tokenizer.js";
import type { Assignment, ScoringRequest, ScoringWork } from "../work.js";
import { openInference } from "./open-model.js";
import type { Prepared } from "./prepared.js";

/** Scores a multiple-choice task as an evaluation does. Units are continuations. */
export async function prepareScoring(device: Device, work: Assignment<ScoringWork>): Promise<Prepared> {
  const model = openInference(device, work);
  const tokenizer = numberTokenizer(model.config.vocabSize);
  const task = taskOf(work);
  const score = async () => {
    const { samples } = await evaluate({
      model,
      tokenizer,
      tasks: [task],
      sequenceLength: work.sequenceLength,
      prefix: [],
    });
    return samples.flatMap((sample) => ("greedy" in sample ? sample.response : []));
  };
  const run = async () => {
    await score();
    return work.requests.length;
  };
  return { run, proof: await score() };
}

/** Texts are ids separated by spaces, so that tokenizing takes no time. */
const textOf = (ids: readonly number[]) => ids.join(" ");

function taskOf({ requests, choicesPerItem }: ScoringWork): MultipleChoiceTask {
  const items = Array.from({ length: requests.length / choicesPerItem }, (_, item) => {
    const own: readonly ScoringRequest[] = requests.slice(item * choicesPerItem, (item + 1) * choicesPerItem);
    return { context: textOf(own[0][0]), choices: own.map(([, continuation]) => textOf(continuation)), gold: 0 };
  });
  return { name: "choices", kind: "multiple-choice", items };
}

function numberTokenizer(vocabSize: number): Tokenizer {
  return {
    vocabSize,
    bosId: 0,
    eosIds: [],
    prefix: [],
    encode: (text) => text.trim().split(" ").map(Number),
    append: (text, ids) => ids.append(text.trim().split(" ").map(Number)),
    decode: textOf,
    isSpecial: () => false,
    startDecoding: () => ({ push: String, end: () => "" }),
  };
}
