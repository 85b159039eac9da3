import { prefixToken, type TextCodec } from "../request/encode.js";
import { documentRequests } from "../request/requests.js";
import { scoreRequests, type ScoringOptions } from "../request/score-requests.js";
import type { Term } from "./ratio.js";
import { weightedMean } from "./statistics.js";
import type { LossSample } from "../output/samples.js";
import type { EncodedText, LossDocument } from "../task/encoded-text.js";
import { requireItems, type Task, type TaskResult } from "../task/task.js";

export interface LossTask extends Task {
  readonly kind: "loss";
  readonly documents: readonly LossDocument[];
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
): Promise<Omit<LossSample, "bytes">[]> {
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
 * loss = −Σ log p / Σ predicted tokens over all documents; perplexity = e^loss; bits per byte = −Σ log2 p / Σ bytes of
 * the predicted text. BOS is an input and never a target; EOS is neither. `count` is the number of predicted tokens.
 * The documents are the sample of the standard errors; that of the perplexity is perplexity · standard error of the
 * loss.
 */
export async function validationLoss(
  tokenizer: TextCodec,
  task: LossTask,
  options: LossOptions,
): Promise<TaskResult<LossSample>> {
  const { documents } = task;
  const count = documents.reduce((sum, document) => sum + countPredicted(document), 0);
  requireItems(task.name, count, "token to predict");
  const scores = await scoreDocuments(documents, prefixToken(tokenizer), options);
  const samples = scores.map((score, doc) => ({ task: task.name, doc, ...score, bytes: documents[doc].bytes }));
  const scored = samples.filter(({ tokens }) => tokens > 0);
  const loss = weightedMean(scored.map(lossTerm));
  const perplexity = Math.exp(loss.value);
  const perplexityError = loss.standardError === null ? null : perplexity * loss.standardError;
  const shared = { count, higherIsBetter: false };
  return {
    metrics: {
      loss: { ...loss, ...shared },
      perplexity: { value: perplexity, standardError: perplexityError, ...shared },
      bits_per_byte: { ...weightedMean(scored.map(bitsTerm)), ...shared },
    },
    samples,
  };
}

/** The loss is Σ sums / Σ weights. */
export function lossTerm({ logLikelihood, tokens }: LossSample): Term {
  return { sum: -logLikelihood, weight: tokens };
}

/** The bits per byte are Σ sums / Σ weights. */
export function bitsTerm({ logLikelihood, tokens, bytes }: LossSample): Term {
  return { sum: -logLikelihood / Math.LN2, weight: tokens > 0 ? bytes : 0 };
}

function countPredicted({ predicted }: EncodedText): number {
  return predicted.reduce((sum, [from, to]) => sum + to - from, 0);
}
