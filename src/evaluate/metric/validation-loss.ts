import { prefixToken, type TextCodec } from "../request/encode.js";
import { documentRequests } from "../request/requests.js";
import { scoreRequests, type ScoringOptions } from "../request/score-requests.js";
import type { Term } from "./ratio.js";
import { weightedMean } from "./statistics.js";
import type { LossSample } from "../output/samples.js";
import type { EncodedText } from "../task/item.js";
import { requireItems, type Task, type TaskResult } from "../task/task.js";

export interface LossTask extends Task {
  readonly kind: "loss";
  readonly documents: readonly EncodedText[];
}

export interface LossOptions extends ScoringOptions {
  /** T, the inputs of a window. */
  readonly sequenceLength: number;
}

/**
 * The rolling log-likelihood of each document's predicted tokens. Documents are independent. Each token is predicted
 * once, the first of a document from `prefix`.
 */
export async function scoreDocuments(
  documents: readonly EncodedText[],
  prefix: number,
  options: LossOptions,
): Promise<LossSample[]> {
  const owners: number[] = [];
  const requests = documents.flatMap(({ tokens, predicted }, document) => {
    const windows = predicted.flatMap(([from, to]) =>
      documentRequests(tokens.slice(0, to), prefix, options.sequenceLength, from),
    );
    owners.push(...windows.map(() => document));
    return windows;
  });
  const scores = await scoreRequests(
    requests.map((request) => [request]),
    options,
  );
  const sums = new Float64Array(documents.length);
  scores.forEach(({ logLikelihood }, i) => (sums[owners[i]] += logLikelihood));
  return documents.map((document, i) => ({ logLikelihood: sums[i], tokens: countPredicted(document) }));
}

/**
 * loss = −Σ log p / Σ predicted tokens over all documents; perplexity = e^loss. BOS is an input and never a target; EOS
 * is neither. `count` is the number of predicted tokens. The documents are the sample of the standard error; that of
 * the perplexity is perplexity · standard error of the loss.
 */
export async function validationLoss(
  tokenizer: TextCodec,
  task: LossTask,
  options: LossOptions,
): Promise<TaskResult<"loss" | "perplexity", LossSample>> {
  const { documents } = task;
  const count = documents.reduce((sum, document) => sum + countPredicted(document), 0);
  requireItems(task.name, count, "token to predict");
  const scores = await scoreDocuments(documents, prefixToken(tokenizer), options);
  const { value, standardError } = weightedMean(scores.filter(({ tokens }) => tokens > 0).map(lossTerm));
  const perplexity = Math.exp(value);
  const perplexityError = standardError === null ? null : perplexity * standardError;
  return {
    metrics: {
      loss: { value, standardError, count },
      perplexity: { value: perplexity, standardError: perplexityError, count },
    },
    samples: scores.map((score, doc) => ({ task: task.name, doc, ...score })),
  };
}

/** The loss is Σ sums / Σ weights. */
export function lossTerm({ logLikelihood, tokens }: LossSample): Term {
  return { sum: -logLikelihood, weight: tokens };
}

function countPredicted({ predicted }: EncodedText): number {
  return predicted.reduce((sum, [from, to]) => sum + to - from, 0);
}
