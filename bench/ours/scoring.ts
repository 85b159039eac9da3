import type { Device } from "#strata/device/kernels.js";
import { evaluate } from "#strata/evaluate/evaluate.js";
import { readTaskConfig } from "#strata/evaluate/harness/config/read-task-config.js";
import { parseTaskYaml } from "#strata/evaluate/harness/config/task-yaml.js";
import { toDocuments } from "#strata/evaluate/harness/data/read-documents.js";
import { prepareTask } from "#strata/evaluate/harness/prompt/prepare-task.js";
import type { FileTask } from "#strata/evaluate/task/kinds/file-task.js";
import type { Tokenizer } from "#strata/tokenizer/tokenizer.js";
import type { Assignment, ScoringRequest, ScoringWork } from "../work.js";
import { openInference } from "./open-model.js";
import type { Prepared } from "./prepared.js";

/** Scores a multiple-choice task as an evaluation does. Units are continuations. */
export async function prepareScoring(device: Device, work: Assignment<ScoringWork>): Promise<Prepared> {
  const model = openInference(device, work);
  const tokenizer = numberTokenizer(model.config.vocabSize);
  const task = await taskOf(work);
  const score = async () => {
    const { samples } = await evaluate({
      model,
      tokenizer,
      tasks: [task],
      sequenceLength: work.sequenceLength,
      prefix: [],
    });
    return samples.flatMap((sample) => ("responses" in sample ? sample.responses.map(Number) : []));
  };
  const run = async () => {
    await score();
    return work.requests.length;
  };
  return { run, proof: await score() };
}

/** Texts are ids separated by spaces, so that tokenizing takes no time. */
const textOf = (ids: readonly number[]) => ids.join(" ");

const taskFile = `
task: choices
dataset_path: json
output_type: multiple_choice
doc_to_text: context
doc_to_choice: choices
doc_to_target: gold
`;

async function taskOf({ requests, choicesPerItem }: ScoringWork): Promise<FileTask> {
  const records = Array.from({ length: requests.length / choicesPerItem }, (_, item) => {
    const own: readonly ScoringRequest[] = requests.slice(item * choicesPerItem, (item + 1) * choicesPerItem);
    return { context: textOf(own[0][0]), choices: own.map(([, continuation]) => textOf(continuation)), gold: 0 };
  });
  const keys = parseTaskYaml(taskFile, "choices.yaml");
  const config = readTaskConfig({ kind: "task", name: "choices", file: "choices.yaml", keys });
  const scored = toDocuments({ records, places: records.map((_, item) => `item ${item}`) }, null, true);
  const settings = { shots: 0, limit: null, systemInstruction: null, chat: null };
  const prepared = await prepareTask(config, { scored, examples: async () => scored }, settings);
  return { name: config.task, kind: "task", prepared };
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
