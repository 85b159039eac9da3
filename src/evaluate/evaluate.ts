import { generate } from "../model/generate.js";
import type { Model } from "../model/model.js";
import { createScorer } from "../model/score.js";
import type { TaskScores } from "./output/scores.js";
import { StrataError } from "../errors/strata-error.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { exactMatch, type Generator } from "./metric/exact-match.js";
import { multipleChoice } from "./metric/multiple-choice.js";
import { openScoreJournal } from "./output/score-journal.js";
import type { BatchScorer, PieceScore } from "./request/score-requests.js";
import type { EvaluationTask, Progress, Sample, TaskResult } from "./task/task.js";
import { validationLoss } from "./metric/validation-loss.js";

export type { EvaluationTask, Sample } from "./task/task.js";

export interface EvaluateOptions {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly EvaluationTask[];
  /** T of a loss, which changes it for longer documents. */
  readonly sequenceLength: number;
  /** Puts the begin of text in front of prompts. The published scores of the harness before November 2025 are without. */
  readonly addBos: boolean;
  /** Rows of a forward pass; a single question may exceed it. */
  readonly maximumRows?: number;
  /** Prompts that are continued together at most, and the positions of their cache, which bound its memory. */
  readonly generationBatch?: number;
  readonly cachePositions?: number;
  /** File of finished requests, from which an interrupted evaluation goes on to the same scores; null for none. */
  readonly journal?: string | null;
  /** When it aborts, the evaluation throws; what is finished is in the journal. */
  readonly signal?: AbortSignal;
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
    const { seconds, ...result } = await run(task);
    scores.push({ task: task.name, kind: task.kind, metrics: result.metrics, seconds });
    samples.push(...result.samples);
  }
  return { scores, samples };
}

type Runner = (task: EvaluationTask) => Promise<TaskResult & { readonly seconds: number }>;

function createRunner(options: EvaluateOptions): Runner {
  const { tokenizer, sequenceLength, addBos, maximumRows = 1024 } = options;
  const { maximumPositions } = options.model.config;
  const scorerFor = createScorerSource(options.model);
  const between = () => letSignalsThrough(options.signal);
  const generator = createGenerator(options, between);
  const journal = openScoreJournal(options.journal ?? null);
  return async (task) => {
    const onProgress: Progress = (done, total) => options.onProgress?.(done, total, task.name);
    const scoring = () => ({
      scorerFor,
      maximumRows,
      between,
      onProgress,
      journal: journal.task<PieceScore>(task.name),
    });
    switch (task.kind) {
      case "loss": {
        const own = scoring();
        return { ...(await validationLoss(tokenizer, task, { ...own, sequenceLength })), seconds: own.journal.seconds };
      }
      case "multiple-choice": {
        const own = scoring();
        return {
          ...(await multipleChoice(tokenizer, task, { ...own, addBos, maximumPositions })),
          seconds: own.journal.seconds,
        };
      }
      case "exact-match": {
        const own = journal.task<readonly number[]>(task.name);
        const result = await exactMatch(generator, tokenizer, task, {
          addBos,
          maximumPositions,
          journal: own,
          onProgress,
        });
        return { ...result, seconds: own.seconds };
      }
    }
  };
}

function createGenerator(options: EvaluateOptions, between: () => Promise<void>): Generator {
  const {
    model,
    tokenizer: { vocabularySize },
    generationBatch,
    cachePositions,
  } = options;
  return (prompts, own) =>
    generate(model, prompts, {
      ...own,
      temperature: 0,
      seed: 0,
      vocabularySize,
      batchSize: generationBatch,
      cachePositions,
      between,
    });
}

/** The kernels of a CPU device do not yield. */
async function letSignalsThrough(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (!signal?.aborted) return;
  throw new StrataError("EvaluationError", {
    where: "evaluation",
    expected: "to score all tasks",
    got: "an interruption",
    hint: "What was finished is kept: run the same command again to go on from here.",
  });
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
