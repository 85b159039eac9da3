import { StrataError } from "../../errors/strata-error.js";
import { encodePair, type TextCodec } from "../request/encode.js";
import type { MultipleChoiceSample } from "../output/samples.js";
import type { MultipleChoiceItem } from "../task/item.js";
import { continuationRequest, type Request } from "../request/requests.js";
import { codePoints } from "../task/python-text.js";
import { scoreRequests, type RequestScore, type ScoringOptions } from "../request/score-requests.js";
import { accuracy } from "./statistics.js";
import { requireItems, type Task, type TaskResult } from "../task/task.js";

export interface MultipleChoiceTask extends Task {
  readonly kind: "multiple-choice";
  readonly items: readonly MultipleChoiceItem[];
}

/** The choices that are taken: the likeliest, and the likeliest per code point of its text (without the delimiter). */
export function decide(
  choices: readonly string[],
  logLikelihoods: readonly number[],
): { acc: number; acc_norm: number } {
  const perCodePoint = logLikelihoods.map((sum, i) => sum / codePoints(choices[i]));
  return { acc: firstLargest(logLikelihoods), acc_norm: firstLargest(perCodePoint) };
}

/** As NumPy's argmax: the first of equals, and not-a-number is larger than all. */
function firstLargest(values: readonly number[]): number {
  const undefinedAt = values.findIndex(Number.isNaN);
  return undefinedAt >= 0 ? undefinedAt : values.indexOf(Math.max(...values));
}

export interface MultipleChoiceOptions extends ScoringOptions {
  readonly addBos: boolean;
  /** A request longer than this loses the front of its context. */
  readonly maxPositions: number;
}

/**
 * `acc` and `acc_norm` of a task: each choice, after a space, is scored as a continuation of its item's context, which is
 * computed once for all its choices.
 *
 * @throws StrataError if a choice has no tokens or more than the model has positions
 */
export async function multipleChoice(
  tokenizer: TextCodec,
  task: MultipleChoiceTask,
  options: MultipleChoiceOptions,
): Promise<TaskResult<"acc" | "acc_norm", MultipleChoiceSample>> {
  requireItems(task.name, task.items.length, "item");
  const items = task.items.length;
  const firsts = firstPieces(task.items);
  const groups = task.items.map((item, doc) =>
    item.choices.map((choice) => request(tokenizer, item, choice, options, `task ${task.name} item ${doc}`)),
  );
  const onProgress = (done: number, total: number) => options.onProgress(Math.floor((done / total) * items), items);
  const scores = await scoreRequests(groups, { ...options, onProgress });
  const samples = task.items.map((item, doc) => ({
    task: task.name,
    doc,
    ...sampleOf(item, scores.slice(firsts[doc], firsts[doc] + item.choices.length)),
  }));
  return {
    metrics: {
      acc: accuracy(samples.map(({ score }) => score.acc)),
      acc_norm: accuracy(samples.map(({ score }) => score.acc_norm)),
    },
    samples,
  };
}

/** [item] → the index of its first request. */
function firstPieces(items: readonly MultipleChoiceItem[]): number[] {
  let next = 0;
  return items.map(({ choices }) => (next += choices.length) - choices.length);
}

function request(
  tokenizer: TextCodec,
  item: MultipleChoiceItem,
  choice: string,
  options: MultipleChoiceOptions,
  where: string,
): Request {
  const { addBos, maxPositions } = options;
  const { context, continuation } = encodePair(tokenizer, item.context, ` ${choice}`, addBos);
  if (continuation.length <= maxPositions) return continuationRequest(context, continuation, maxPositions);
  throw new StrataError("EvaluationError", {
    where,
    expected: `a choice of at most ${maxPositions} tokens, the positions of the model`,
    got: `${continuation.length}`,
    hint: "Leave out this item or use a model with more positions.",
  });
}

function sampleOf(item: MultipleChoiceItem, scores: readonly RequestScore[]): MultipleChoiceSample {
  const response = scores.map(({ logLikelihood }) => logLikelihood);
  const filtered = decide(item.choices, response);
  return {
    prompt: item.context,
    target: item.gold,
    response,
    greedy: scores.map(({ isGreedy }) => isGreedy),
    filtered,
    score: { acc: Number(filtered.acc === item.gold), acc_norm: Number(filtered.acc_norm === item.gold) },
  };
}
