import { StrataError } from "../../errors/strata-error.js";
import { generate } from "../../model/inference/generate.js";
import { createScorer, type Scorer } from "../../model/inference/score.js";
import type { Model } from "../../model/model.js";
import type { Generator } from "./generate-answers.js";
import type { BatchScorer } from "./score-requests.js";

export interface SessionOptions {
  /** Maximum number of prompts that are continued together. */
  readonly generationBatch?: number;
  /** Positions of their KV cache, which bound its memory. */
  readonly cachePositions?: number;
  /** On abort, `between` throws. */
  readonly signal?: AbortSignal;
}

/** What an evaluation asks a model with. */
export interface ModelSession {
  /** Returns the current scorer, or replaces it by a larger one if it has fewer rows. */
  readonly scorerFor: (rows: number) => BatchScorer;
  readonly generator: Generator;
  /** Lets signals arrive: the kernels of a CPU device do not yield. @throws StrataError after an interruption */
  readonly between: () => Promise<void>;
  close(): void;
}

/** @param vocabSize  ids from here on are never generated */
export function openModelSession(model: Model, vocabSize: number, options: SessionOptions): ModelSession {
  let current: { readonly rows: number; readonly scorer: Scorer } | null = null;
  const between = () => yieldToSignals(options.signal);
  return {
    scorerFor(rows) {
      if (current === null || rows > current.rows) {
        current?.scorer.close();
        current = { rows, scorer: createScorer(model, rows) };
      }
      return current.scorer;
    },
    generator: (prompts, generation) =>
      generate(model, prompts, {
        ...generation,
        temperature: 0,
        seed: 0,
        vocabSize,
        batchSize: options.generationBatch,
        cachePositions: options.cachePositions,
        between,
      }),
    between,
    close: () => current?.scorer.close(),
  };
}

async function yieldToSignals(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (!signal?.aborted) return;
  throw new StrataError("EvaluationError", {
    where: "evaluation",
    expected: "to score all tasks",
    got: "an interruption",
    hint: "Finished requests are kept: run the same command again to resume.",
  });
}
