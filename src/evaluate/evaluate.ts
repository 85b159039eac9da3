import type { Model } from "../model/model.js";
import { StrataError } from "../errors/strata-error.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { LossTask } from "./metric/validation-loss.js";
import { openScoreJournal } from "./output/score-journal.js";
import type { FileTaskSample, LossSample, Sample } from "./output/samples.js";
import type { TaskScores } from "./output/scores.js";
import { openModelSession, type SessionOptions } from "./request/model-session.js";
import type { FileTask } from "./task/kinds/file-task.js";
import { taskKind } from "./task/task-kinds.js";

export type EvaluationTask = LossTask | FileTask;

export interface EvaluateOptions extends SessionOptions {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly EvaluationTask[];
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
  /** Receives what the user should know. */
  readonly onNote?: (note: string) => void;
}

/**
 * Scores a model on each task, in order. The scores do not depend on the order of items, and on batch sizes only by
 * rounding. A loss does not use `prefix`: its first token is always predicted from BOS, or from EOS if there is no BOS.
 *
 * @throws StrataError naming the task or item that cannot be scored
 */
export async function evaluate(
  options: EvaluateOptions,
): Promise<{ scores: TaskScores[]; samples: Sample<LossSample | FileTaskSample>[] }> {
  requirePositions(options);
  const { model, tokenizer, sequenceLength, prefix, maxRows = 1024, onProgress } = options;
  const session = openModelSession(model, tokenizer.vocabSize, options);
  const journals = openScoreJournal(options.journal ?? null, options.onNote);
  const scores: TaskScores[] = [];
  const samples: Sample<LossSample | FileTaskSample>[] = [];
  try {
    for (const task of options.tasks) {
      const kind = taskKind(task.kind);
      const journal = journals.task<unknown>(task.name);
      const result = await kind.score(task, {
        tokenizer,
        session,
        sequenceLength,
        prefix,
        maxPositions: model.config.maxPositions,
        maxRows,
        journal,
        onProgress: (done, total) => onProgress?.(done, total, task.name, kind.progressUnit),
      });
      scores.push({ task: task.name, kind: task.kind, metrics: result.metrics, seconds: journal.seconds });
      samples.push(...(result.samples as readonly Sample<LossSample | FileTaskSample>[]));
    }
  } finally {
    session.close();
  }
  return { scores, samples };
}

function requirePositions({ model, sequenceLength }: EvaluateOptions): void {
  const { maxPositions } = model.config;
  if (sequenceLength >= 1 && sequenceLength <= maxPositions) return;
  throw new StrataError("EvaluationError", {
    where: "sequenceLength",
    expected: `1 to ${maxPositions}, the model's max_position_embeddings`,
    got: `${sequenceLength}`,
    hint: "Choose a sequence length in this range, or a model with more positions.",
  });
}
