import { generate } from "../model/inference/generate.js";
import type { Model } from "../model/model.js";
import { createScorer, type Scorer } from "../model/inference/score.js";
import { StrataError } from "../errors/strata-error.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { Generator } from "./metric/exact-match.js";
import { openScoreJournal, type TaskJournal } from "./output/score-journal.js";
import type { Metric, TaskScores } from "./output/scores.js";
import type { BatchScorer } from "./request/score-requests.js";
import type { SampleOf, Scoring, TaskKind, TaskKindTable, TaskOf } from "./task/task-kind.js";
import { taskKinds, type TaskKinds } from "./task/task-kinds.js";
import type { TaskResult } from "./task/task.js";

export type EvaluationTask = TaskOf<TaskKinds>;

/** `Kinds` is the table with the kinds of the tasks. */
export interface EvaluateOptions<Kinds extends TaskKindTable = TaskKinds> {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly NoInfer<TaskOf<Kinds>>[];
  /** Default: `taskKinds`. */
  readonly kinds?: Kinds;
  /** T of a loss. It affects the loss of longer documents. */
  readonly sequenceLength: number;
  /**
   * The ids in front of prompts, such as BOS. Scores published with lm-evaluation-harness before November 2025 are
   * without it.
   */
  readonly prefix: readonly number[];
  /** Rows of a forward pass; a single item may exceed it. Default: 1024. */
  readonly maxRows?: number;
  /** Maximum number of prompts that are continued together. */
  readonly generationBatch?: number;
  /** Positions of their KV cache, which bound its memory. */
  readonly cachePositions?: number;
  /** File of finished requests, from which an interrupted evaluation resumes with the same scores; null for none. */
  readonly journal?: string | null;
  /** On abort, the evaluation throws; the journal has the finished requests. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, task: string, unit: string) => void;
}

/** The options that do not depend on the kinds. */
type CommonOptions = Omit<EvaluateOptions, "tasks" | "kinds">;

/**
 * Scores a model on each task, in order. The scores do not depend on the order of items, and on batch sizes only by
 * rounding. A loss does not use `prefix`: its first token is always predicted from BOS, or from EOS if there is no BOS.
 *
 * @throws StrataError naming the task or item that cannot be scored
 */
export async function evaluate<Kinds extends TaskKindTable = TaskKinds>(
  options: EvaluateOptions<Kinds>,
): Promise<{ scores: TaskScores<keyof Kinds & string>[]; samples: SampleOf<Kinds>[] }> {
  requirePositions(options);
  const kinds: TaskKindTable = options.kinds ?? taskKinds;
  const source = createScorerSource(options.model);
  const scoringOf = prepareScoring(options, source.scorerFor);
  const openJournal = openScoreJournal(options.journal ?? null);
  const scores: TaskScores<keyof Kinds & string>[] = [];
  const samples: SampleOf<Kinds>[] = [];
  try {
    for (const task of options.tasks) {
      const kind = kinds[task.kind];
      const journal = openJournal.task<unknown>(task.name);
      const result = await kind.score(task, scoringOf(task.name, kind, journal));
      const metrics = metricsOf(kind, result);
      scores.push({ task: task.name, kind: task.kind, metrics, seconds: journal.seconds });
      samples.push(...(result.samples as readonly SampleOf<Kinds>[]));
    }
  } finally {
    source.close();
  }
  return { scores, samples };
}

/** All metrics, in the order of the kind. */
function metricsOf(kind: TaskKind, result: TaskResult): Record<string, Metric> {
  return Object.fromEntries(
    Object.entries(kind.metrics).map(([name, { higherIsBetter }]) => {
      const { value, standardError, count } = result.metrics[name];
      return [name, { value, standardError, higherIsBetter, count }];
    }),
  );
}

type ScoringOf = (task: string, kind: TaskKind, journal: TaskJournal<unknown>) => Scoring<unknown>;

function prepareScoring(options: CommonOptions, scorerFor: ScorerSource["scorerFor"]): ScoringOf {
  const { model, tokenizer, sequenceLength, prefix, maxRows = 1024, onProgress } = options;
  const between = () => yieldToSignals(options.signal);
  const shared = {
    tokenizer,
    sequenceLength,
    prefix,
    maxRows,
    between,
    maxPositions: model.config.maxPositions,
    scorerFor,
    generator: createGenerator(options, between),
  };
  return (task, { progressUnit }, journal) => ({
    ...shared,
    journal,
    onProgress: (done, total) => onProgress?.(done, total, task, progressUnit),
  });
}

function createGenerator(options: CommonOptions, between: () => Promise<void>): Generator {
  const {
    model,
    tokenizer: { vocabSize },
    generationBatch,
    cachePositions,
  } = options;
  return (prompts, generation) =>
    generate(model, prompts, {
      ...generation,
      temperature: 0,
      seed: 0,
      vocabSize,
      batchSize: generationBatch,
      cachePositions,
      between,
    });
}

/** Lets signals arrive: the kernels of a CPU device do not yield. */
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

interface ScorerSource {
  /** Returns the current scorer, or replaces it by a larger one if it has fewer rows. */
  readonly scorerFor: (rows: number) => BatchScorer;
  close(): void;
}

function createScorerSource(model: Model): ScorerSource {
  let current: { readonly rows: number; readonly scorer: Scorer } | null = null;
  return {
    scorerFor(rows) {
      if (current === null || rows > current.rows) {
        current?.scorer.close();
        current = { rows, scorer: createScorer(model, rows) };
      }
      return current.scorer;
    },
    close: () => current?.scorer.close(),
  };
}

function requirePositions({ model, sequenceLength }: CommonOptions): void {
  const { maxPositions } = model.config;
  if (sequenceLength >= 1 && sequenceLength <= maxPositions) return;
  throw new StrataError("EvaluationError", {
    where: "sequenceLength",
    expected: `1 to ${maxPositions}, the model's max_position_embeddings`,
    got: `${sequenceLength}`,
    hint: "Choose a sequence length in this range, or a model with more positions.",
  });
}
