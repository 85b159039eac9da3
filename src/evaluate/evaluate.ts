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

/** `Kinds` is the table that the tasks' kinds are in. */
export interface EvaluateOptions<Kinds extends TaskKindTable = TaskKinds> {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly NoInfer<TaskOf<Kinds>>[];
  /** The kinds of tasks there are; those of the program if absent. */
  readonly kinds?: Kinds;
  /** T of a loss, which changes it for longer documents. */
  readonly sequenceLength: number;
  /** Puts the begin of text in front of prompts. The published scores of the harness before November 2025 are without. */
  readonly addBos: boolean;
  /** Rows of a forward pass; a single question may exceed it. */
  readonly maxRows?: number;
  /** Prompts that are continued together at most, and the positions of their cache, which bound its memory. */
  readonly generationBatch?: number;
  readonly cachePositions?: number;
  /** File of finished requests, from which an interrupted evaluation goes on to the same scores; null for none. */
  readonly journal?: string | null;
  /** When it aborts, the evaluation throws; what is finished is in the journal. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, task: string, unit: string) => void;
}

/** What does not depend on the kinds. */
type CommonOptions = Omit<EvaluateOptions, "tasks" | "kinds">;

/**
 * Scores a model on each task, in order. The scores do not depend on the order of items nor, beyond rounding, on the
 * sizes of batches. A loss needs no `addBos`: its first token is always predicted from the begin (or else end) of text.
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

/** Every metric of the kind, in its order. */
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
  const { model, tokenizer, sequenceLength, addBos, maxRows = 1024, onProgress } = options;
  const between = () => letSignalsThrough(options.signal);
  const shared = {
    tokenizer,
    sequenceLength,
    addBos,
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
  return (prompts, own) =>
    generate(model, prompts, {
      ...own,
      temperature: 0,
      seed: 0,
      vocabSize,
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

interface ScorerSource {
  /** A scorer for at least so many rows: the one at hand, or a larger one in its place. */
  readonly scorerFor: (rows: number) => BatchScorer;
  close(): void;
}

function createScorerSource(model: Model): ScorerSource {
  let held: { readonly rows: number; readonly scorer: Scorer } | null = null;
  return {
    scorerFor(rows) {
      if (held === null || rows > held.rows) {
        held?.scorer.close();
        held = { rows, scorer: createScorer(model, rows) };
      }
      return held.scorer;
    },
    close: () => held?.scorer.close(),
  };
}

function requirePositions({ model, sequenceLength }: CommonOptions): void {
  const { maxPositions } = model.config;
  if (sequenceLength >= 1 && sequenceLength <= maxPositions) return;
  throw new StrataError("EvaluationError", {
    where: "sequenceLength",
    expected: `1 to ${maxPositions}, the positions of the model`,
    got: `${sequenceLength}`,
    hint: "Choose a sequence length within the model's max_position_embeddings.",
  });
}
