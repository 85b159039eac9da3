import { StrataError } from "../../errors/strata-error.js";
import { answerRoom } from "./answer-room.js";
import { encodePrompt, type TextCodec } from "../request/encode.js";
import { generateAnswers, type Generator } from "../request/generate-answers.js";
import { cutAtStops, flexibleExtract, isExactMatch, stopStrings, strictMatch } from "./filters.js";
import { gsm8kStops } from "../task/gsm8k.js";
import type { ExactMatchSample } from "../output/samples.js";
import type { ExactMatchItem } from "../task/item.js";
import type { TaskJournal } from "../output/score-journal.js";
import { accuracy } from "./statistics.js";
import { requireItems, type Progress, type Task, type TaskResult } from "../task/task.js";

export interface ExactMatchTask extends Task {
  readonly kind: "exact-match";
  readonly items: readonly ExactMatchItem[];
  readonly maxTokens: number;
}

export interface ExactMatchOptions {
  /** The ids in front of prompts. */
  readonly prefix: readonly number[];
  /** Prompts are truncated on the left, so that prompt and answer fit. */
  readonly maxPositions: number;
  /** Generated tokens by item: has those of earlier runs, and receives those of each finished item. */
  readonly journal: TaskJournal<readonly number[]>;
  readonly onProgress: Progress;
}

/** `exact_match` of a task with the filters strict-match and flexible-extract: the two scores of GSM8K. */
export async function exactMatch(
  generator: Generator,
  tokenizer: TextCodec,
  task: ExactMatchTask,
  options: ExactMatchOptions,
): Promise<TaskResult<"exact_match,strict-match" | "exact_match,flexible-extract", ExactMatchSample>> {
  requireItems(task.name, task.items.length, "item");
  const eosTexts = tokenizer.eosIds.map((id) => tokenizer.decode([id]));
  const stops = stopStrings(gsm8kStops, eosTexts);
  const prompts = task.items.map(({ prompt }) => encodeTruncated(tokenizer, prompt, task, options));
  const room = answerRoom(task.maxTokens, options.maxPositions);
  const answers = await generateAnswers(generator, tokenizer, prompts, { ...options, stops, maxTokens: room });
  const samples = task.items.map((item, doc) => {
    const response = cutAtStops(tokenizer.decode(answers[doc], { skipSpecial: true }), stops);
    return { task: task.name, doc, ...sampleOf(item, response) };
  });
  const metric = (name: string) => accuracy(samples.map(({ score }) => score[name]));
  return {
    metrics: {
      "exact_match,strict-match": metric("exact_match,strict-match"),
      "exact_match,flexible-extract": metric("exact_match,flexible-extract"),
    },
    samples,
  };
}

function encodeTruncated(
  tokenizer: TextCodec,
  prompt: string,
  task: ExactMatchTask,
  options: ExactMatchOptions,
): number[] {
  const { maxPositions } = options;
  const room = maxPositions - answerRoom(task.maxTokens, maxPositions);
  const ids = encodePrompt(tokenizer, prompt, options.prefix);
  if (ids.length > 0) return ids.slice(-room);
  throw new StrataError("EvaluationError", {
    where: `task ${task.name}`,
    expected: "a prompt of at least one token",
    got: "none",
    hint: "Remove empty prompts.",
  });
}

function sampleOf({ prompt, answer }: ExactMatchItem, response: string): ExactMatchSample {
  const filtered = { "strict-match": strictMatch(response), "flexible-extract": flexibleExtract(response) };
  const score: Record<string, number> = {};
  for (const [filter, text] of Object.entries(filtered))
    score[`exact_match,${filter}`] = Number(isExactMatch(text, answer));
  return { prompt, target: answer, response, filtered, score };
}
