import { generate } from "../model/generate.js";
import type { Model } from "../model/model.js";
import { createScorer } from "../model/score.js";
import type { TaskScores } from "../report/facts.js";
import { StrataError } from "../tensor/errors.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { exactMatch, type Generator } from "./exact-match.js";
import { multipleChoice } from "./multiple-choice.js";
import type { BatchScorer } from "./score-pieces.js";
import type { EvaluationTask, Progress, Sample, TaskResult } from "./task.js";
import { validationLoss } from "./validation-loss.js";

export type { EvaluationTask, Sample } from "./task.js";

export interface EvaluateOptions {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly EvaluationTask[];
  /** T of a loss, which changes it for longer documents; for choices only the shape of the batches. */
  readonly sequenceLength: number;
  /** Puts the begin of text in front of prompts. The published scores of the harness before November 2025 are without. */
  readonly addBos: boolean;
  /** Rows of a forward pass; a single sequence may exceed it. */
  readonly maximumRows?: number;
  /** Prompts that are continued together, and their tokens with padding, which bound its memory. */
  readonly generationBatch?: number;
  readonly promptRows?: number;
  readonly onProgress?: (done: number, total: number, task: string) => void;
}

/**
 * Scores a model on each task, in order. The scores do not depend on the order of items nor, beyond rounding, on the
 * sizes of batches. A loss needs no `addBos`: its first token is always predicted from the begin (or else end) of text.
 *
 * @throws StrataError naming the task or item that cannot be scored
 */
export async function evaluate(options: EvaluateOptions): Promise<{ scores: TaskScores[]; samples: Sample[] }> {
  requirePositions(options);
  const run = createRunner(options);
  const scores: TaskScores[] = [];
  const samples: Sample[] = [];
  for (const task of options.tasks) {
    const started = performance.now();
    const result = await run(task);
    scores.push({ task: task.name, kind: task.kind, metrics: result.metrics, seconds: (performance.now() - started) / 1000 });
    samples.push(...result.samples);
  }
  return { scores, samples };
}

function createRunner(options: EvaluateOptions): (task: EvaluationTask) => Promise<TaskResult> {
  const { model, tokenizer, sequenceLength, addBos, maximumRows = 1024, generationBatch = 32, promptRows = 8192 } = options;
  const { maximumPositions } = model.config;
  const scorerFor = createScorerSource(model);
  const generator: Generator = (prompts, maximumTokens, stop) =>
    generate(model, prompts, { maximumTokens, temperature: 0, seed: 0, stop });
  return (task) => {
    const onProgress: Progress = (done, total) => options.onProgress?.(done, total, task.name);
    const shared = { addBos, maximumPositions, onProgress };
    switch (task.kind) {
      case "loss":
        return validationLoss(scorerFor, tokenizer, task, { sequenceLength, maximumRows, onProgress });
      case "multiple-choice":
        return multipleChoice(scorerFor, tokenizer, task, { ...shared, sequenceLength, maximumRows });
      case "exact-match":
        return exactMatch(generator, tokenizer, task, { ...shared, batchSize: generationBatch, promptRows });
    }
  };
}

/** A scorer for at least so many rows: the one at hand, or a larger one in its place. */
function createScorerSource(model: Model): (rows: number) => BatchScorer {
  let held: { readonly rows: number; readonly scorer: BatchScorer } | null = null;
  return (rows) => {
    if (held === null || rows > held.rows) held = { rows, scorer: createScorer(model, rows) };
    return held.scorer;
  };
}

function requirePositions({ model, sequenceLength }: EvaluateOptions): void {
  const { maximumPositions } = model.config;
  if (sequenceLength >= 1 && sequenceLength <= maximumPositions) return;
  throw new StrataError("EvaluationError", {
    where: "sequenceLength",
    expected: `1 to ${maximumPositions}, the positions of the model`,
    got: `${sequenceLength}`,
    hint: "Choose a sequence length within the model's max_position_embeddings.",
  });
}
