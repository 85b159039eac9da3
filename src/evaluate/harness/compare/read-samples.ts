import { existsSync } from "node:fs";
import { StrataError } from "../../../errors/strata-error.js";
import { readLines } from "./read-lines.js";
import { isRecord } from "../is-record.js";
import { parseResultsJson } from "./parse-results-json.js";
import { readAnswers, type Answers } from "./read-answers.js";
import type { Evaluation } from "./read-evaluation.js";

/** A value of one item: a number, or a log-likelihood with the number of words or bytes that it covers. */
export type ItemValue = number | readonly [logLikelihood: number, weight: number];

/** What a comparison needs of a line of a samples file. */
export interface Item {
  readonly docId: number;
  readonly filter: string;
  readonly docHash: string;
  readonly promptHash: string;
  readonly targetHash: string;
  /** By name; without those whose value is of another kind. */
  readonly values: ReadonlyMap<string, ItemValue>;
  readonly answers: Answers;
}

/**
 * The lines of a task's samples file.
 *
 * @throws StrataError if it is missing or malformed
 */
export function readSamples(evaluation: Evaluation, task: string): Item[] {
  const file = evaluation.samplesFile(task);
  if (!existsSync(file)) {
    throw new StrataError("EvaluationError", {
      where: file,
      expected: `the samples of ${task}, which ${evaluation.file} has results of`,
      got: "no such file",
      hint: "Evaluate both models with --log_samples: items are paired by the documents in these files.",
    });
  }
  const delimiter = evaluation.facts("configs", task).target_delimiter;
  const items: Item[] = [];
  for (const line of readLines(file)) {
    if (line.text.trim() === "") continue;
    items.push(
      toItem(parseLine(file, line), `${file} line ${line.number}`, typeof delimiter === "string" ? delimiter : " "),
    );
  }
  return items;
}

function parseLine(file: string, { number, text }: { number: number; text: string }): unknown {
  try {
    return parseResultsJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw malformed(`${file} line ${number}`, "a JSON object", error.message);
  }
}

function toItem(line: unknown, where: string, delimiter: string): Item {
  if (!isRecord(line)) throw malformed(where, "a JSON object", "another value");
  const text = (key: string) => {
    const value = line[key];
    if (typeof value !== "string") throw malformed(where, `${key} as text`, JSON.stringify(value) ?? "nothing");
    return value;
  };
  const { doc_id: docId, metrics } = line;
  if (typeof docId !== "number") throw malformed(where, "doc_id as a number", JSON.stringify(docId) ?? "nothing");
  if (!Array.isArray(metrics))
    throw malformed(where, "metrics as a list of names", JSON.stringify(metrics) ?? "nothing");
  const values = metrics.flatMap((name: unknown): [string, ItemValue][] => {
    const value = toValue(line[String(name)]);
    return value === null ? [] : [[String(name), value]];
  });
  return {
    docId,
    filter: text("filter"),
    docHash: text("doc_hash"),
    promptHash: text("prompt_hash"),
    targetHash: text("target_hash"),
    values: new Map(values),
    answers: readAnswers(line, delimiter),
  };
}

/** Null for a value of another kind, such as the list of a metric over all items. */
function toValue(value: unknown): ItemValue | null {
  if (value === null) return NaN;
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number") return value;
  const isPair = Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "number");
  return isPair ? [value[0] as number, value[1] as number] : null;
}

function malformed(where: string, expected: string, got: string): StrataError {
  const hint = "Samples files are written by `strata eval --log_samples` and lm_eval.";
  return new StrataError("EvaluationError", { where, expected, got, hint });
}
