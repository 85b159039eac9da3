import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Line = Readonly<Record<string, unknown>>;

export interface WrittenTask {
  readonly lines: readonly Line[];
  readonly results: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly higherIsBetter?: Readonly<Record<string, boolean>>;
}

interface WriteOptions {
  readonly time?: string;
  readonly logsSamples?: boolean;
  /** Further keys of the results file. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Writes files as lm-evaluation-harness does: below the folder of a model, all with the same time. */
export function writeEvaluation(
  folder: string,
  tasks: Readonly<Record<string, WrittenTask>>,
  { time = "2026-11-29T10-00-00.000001", logsSamples = true, more = {} }: WriteOptions = {},
): string {
  const inner = join(folder, "__models__tiny");
  mkdirSync(inner, { recursive: true });
  const each = <T>(of: (task: WrittenTask) => T) =>
    Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, of(task)]));
  const results = {
    results: each((task) => ({ alias: "any", ...task.results })),
    configs: each((task) => ({ target_delimiter: " ", ...task.config })),
    higher_is_better: each((task) => task.higherIsBetter ?? {}),
    model_name: "/models/tiny",
    ...more,
  };
  const file = join(inner, `results_${time}.json`);
  writeFileSync(file, JSON.stringify(results, null, 2));
  if (logsSamples) {
    for (const [name, { lines }] of Object.entries(tasks)) {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      writeFileSync(join(inner, `samples_${name}_${time}.jsonl`), text);
    }
  }
  return file;
}

/** Of a multiple choice: its log-likelihoods and choices. */
export function choiceLine(docId: number, gold: number, scores: readonly number[], choices: readonly string[]): Line {
  const lengths = choices.map((choice) => Array.from(choice).length);
  const best = (values: readonly number[]) => values.indexOf(Math.max(...values));
  return {
    doc_id: docId,
    arguments: Object.fromEntries(choices.map((one, i) => [`gen_args_${i}`, { arg_0: "Question", arg_1: ` ${one}` }])),
    filtered_resps: scores.map((score) => [String(score), "False"]),
    filter: "none",
    metrics: ["acc", "acc_norm"],
    ...hashes(docId),
    acc: Number(best(scores) === gold),
    acc_norm: Number(best(scores.map((score, i) => score / lengths[i])) === gold),
  };
}

export function textLine(docId: number, filter: string, answer: string, isRight: boolean): Line {
  return {
    doc_id: docId,
    filtered_resps: [answer],
    filter,
    metrics: ["exact_match"],
    ...hashes(docId),
    exact_match: Number(isRight),
  };
}

export function pageLine(docId: number, logLikelihood: number, words: number, bytes: number): Line {
  return {
    doc_id: docId,
    filtered_resps: [String(logLikelihood)],
    filter: "none",
    metrics: ["word_perplexity", "bits_per_byte"],
    ...hashes(docId),
    word_perplexity: [logLikelihood, words],
    bits_per_byte: [logLikelihood, bytes],
  };
}

export function hashes(docId: number): Line {
  return { doc_hash: `doc ${docId}`, prompt_hash: `prompt ${docId}`, target_hash: `target ${docId}` };
}
