import { StrataError } from "../../errors/strata-error.js";
import { encodePair, type TextCodec } from "../request/encode.js";
import type { MultipleChoiceSample } from "../output/samples.js";
import type { MultipleChoiceItem } from "../task/item.js";
import { continuationRequest, type Request } from "../request/requests.js";
import { codePoints } from "../task/python-text.js";
import { scoreRequests, type RequestScore, type ScoringOptions } from "../request/score-requests.js";
import { accuracy, firstLargest } from "./statistics.js";
import { requireItems, type Task, type TaskResult } from "../task/task.js";

export interface MultipleChoiceTask extends Task {
  readonly kind: "multiple-choice";
  readonly items: readonly MultipleChoiceItem[];
}

/** The chosen indices: by log-likelihood, and by log-likelihood per code point of the choice without the space. */
export function decide(
  choices: readonly string[],
  logLikelihoods: readonly number[],
): { acc: number; acc_norm: number } {
  const perCodePoint = logLikelihoods.map((sum, i) => sum / codePoints(choices[i]));
  return { acc: firstLargest(logLikelihoods), acc_norm: firstLargest(perCodePoint) };
}

export interface MultipleChoiceOptions extends ScoringOptions {
  /** The ids in front of contexts. */
  readonly prefix: readonly number[];
  /** The context of a longer request is truncated on the left. */
  readonly maxPositions: number;
}

/**
 * `acc` and `acc_norm` of a task. Each choice, after a space, is scored as a continuation of its item's context; the
 * context is computed once for all choices of an item.
 *
 * @throws StrataError if a choice has no tokens, or more than `maxPositions`
 */
export async function multipleChoice(
  tokenizer: TextCodec,
  task: MultipleChoiceTask,
  options: MultipleChoiceOptions,
): Promise<TaskResult<"acc" | "acc_norm", MultipleChoiceSample>> {
  requireItems(task.name, task.items.length, "item");
  const items = task.items.length;
  const firsts = firstRequests(task.items);
  const groups = task.items.map((item, doc) =>
    item.choices.map((choice) => choiceRequest(tokenizer, item, choice, options, `task ${task.name} item ${doc}`)),
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

/** The index of the first request of each item. */
function firstRequests(items: readonly MultipleChoiceItem[]): number[] {
  let next = 0;
  return items.map(({ choices }) => (next += choices.length) - choices.length);
}

/**
 * The request of a choice.
 *
 * @throws StrataError naming `where`, or the choice, if it has no tokens or more than `maxPositions`
 */
export function choiceRequest(
  tokenizer: TextCodec,
  item: MultipleChoiceItem,
  choice: string,
  options: Pick<MultipleChoiceOptions, "prefix" | "maxPositions">,
  where: string,
): Request {
  const { prefix, maxPositions } = options;
  const { context, continuation } = encodePair(tokenizer, item.context, ` ${choice}`, prefix);
  if (continuation.length <= maxPositions) return continuationRequest(context, continuation, maxPositions);
  throw new StrataError("EvaluationError", {
    where,
    expected: `a choice of at most ${maxPositions} tokens, the model's max_position_embeddings`,
    got: `${continuation.length}`,
    hint: "Remove this item or use a model with more positions.",
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
