import { encodePair, type TextCodec } from "./encode.js";
import { continuationPiece } from "./pieces.js";
import { codePoints } from "./python-text.js";
import { scorePieces, type BatchScorer, type PieceScore } from "./score-pieces.js";
import { accuracy } from "./statistics.js";
import type { MultipleChoiceItem } from "./items.js";
import { requireItems, type MultipleChoiceTask, type Progress, type TaskResult } from "./task.js";
import { StrataError } from "../tensor/errors.js";

/** The choices that are taken: the likeliest, and the likeliest per code point of its text (without the delimiter). */
export function decide(choices: readonly string[], logLikelihoods: readonly number[]): { acc: number; acc_norm: number } {
  return { acc: firstLargest(logLikelihoods), acc_norm: firstLargest(logLikelihoods.map((sum, i) => sum / codePoints(choices[i]))) };
}

/** As NumPy's argmax: the first of equals, and not-a-number is larger than all. */
function firstLargest(values: readonly number[]): number {
  const undefinedAt = values.findIndex(Number.isNaN);
  return undefinedAt >= 0 ? undefinedAt : values.indexOf(Math.max(...values));
}

export interface MultipleChoiceOptions {
  readonly addBos: boolean;
  /** The narrowest sequences that are used; they are made as long as the longest request. */
  readonly sequenceLength: number;
  /** A request longer than this loses the front of its context. */
  readonly maximumPositions: number;
  readonly maximumRows: number;
  readonly onProgress?: Progress;
}

/**
 * `acc` and `acc_norm` of a task: each choice, after a space, is scored as a continuation of its item's context.
 *
 * @throws StrataError if a choice has no tokens or more than the model has positions
 */
export async function multipleChoice(
  scorerFor: (rows: number) => BatchScorer, tokenizer: TextCodec, task: MultipleChoiceTask, options: MultipleChoiceOptions,
): Promise<TaskResult> {
  requireItems(task.name, task.items.length, "item");
  const { maximumRows, onProgress } = options;
  const firsts: number[] = []; // [item] → its first piece
  const pieces = task.items.flatMap((item, doc) => {
    firsts.push(doc === 0 ? 0 : firsts[doc - 1] + task.items[doc - 1].choices.length);
    return item.choices.map((choice) => request(tokenizer, item, choice, options, `task ${task.name} item ${doc}`));
  });
  const T = pieces.reduce((longest, { inputs }) => Math.max(longest, inputs.length), Math.min(options.sequenceLength, options.maximumPositions));
  const itemsOf = (done: number) => Math.floor((done / pieces.length) * task.items.length);
  const scorer = scorerFor(Math.max(T, maximumRows));
  const scores = await scorePieces(scorer, pieces, T, maximumRows, (done) => onProgress?.(itemsOf(done), task.items.length));
  const samples = task.items.map((item, doc) => ({
    task: task.name,
    doc,
    ...sampleOf(item, scores.slice(firsts[doc], firsts[doc] + item.choices.length)),
  }));
  return {
    metrics: { acc: accuracy(samples.map(({ score }) => score.acc)), acc_norm: accuracy(samples.map(({ score }) => score.acc_norm)) },
    samples,
  };
}

function request(tokenizer: TextCodec, { context }: MultipleChoiceItem, choice: string, options: MultipleChoiceOptions, where: string) {
  const pair = encodePair(tokenizer, context, ` ${choice}`, options.addBos);
  if (pair.continuation.length <= options.maximumPositions) return continuationPiece(pair.context, pair.continuation, options.maximumPositions);
  throw new StrataError("EvaluationError", {
    where,
    expected: `a choice of at most ${options.maximumPositions} tokens, the positions of the model`,
    got: `${pair.continuation.length}`,
    hint: "Leave out this item or use a model with more positions.",
  });
}

function sampleOf(item: MultipleChoiceItem, scores: readonly PieceScore[]) {
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
