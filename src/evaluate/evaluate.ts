import type { Model } from "../model/model.js";
import { StrataError } from "../errors/strata-error.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { openScoreJournal, type TaskJournal } from "./output/score-journal.js";
import type { Metric, TaskScores } from "./output/scores.js";
import { openModelSession, type ModelSession, type SessionOptions } from "./request/model-session.js";
import type { SampleOf, Scoring, TaskKind, TaskKindTable, TaskOf } from "./task/task-kind.js";
import { taskKinds, type TaskKinds } from "./task/task-kinds.js";
import type { TaskResult } from "./task/task.js";

export type EvaluationTask = TaskOf<TaskKinds>;

/** `Kinds` is the table with the kinds of the tasks. */
export interface EvaluateOptions<Kinds extends TaskKindTable = TaskKinds> extends SessionOptions {
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
  /** File of finished requests, from which an interrupted evaluation resumes with the same scores; null for none. */
  readonly journal?: string | null;
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
  const session = openModelSession(options.model, options.tokenizer.vocabSize, options);
  const scoringOf = prepareScoring(options, session);
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
    session.close();
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

function prepareScoring(options: CommonOptions, session: ModelSession): ScoringOf {
  const { model, tokenizer, sequenceLength, prefix, maxRows = 1024, onProgress } = options;
  const shared = {
    tokenizer,
    sequenceLength,
    prefix,
    maxRows,
    between: session.between,
    maxPositions: model.config.maxPositions,
    scorerFor: session.scorerFor,
    generator: session.generator,
  };
  return (task, { progressUnit }, journal) => ({
    ...shared,
    journal,
    onProgress: (done, total) => onProgress?.(done, total, task, progressUnit),
  });
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
