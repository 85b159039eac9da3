import { join } from "node:path";
import type { ComputeDType } from "../../device/kernels.js";
import { evaluate } from "../../evaluate/evaluate.js";
import { openModelFolder } from "../../model/files/model-folder.js";
import { loadModel } from "../../model/model.js";
import type { TaskScores } from "../../evaluate/output/scores.js";
import { writeFileAtomic, writeJsonAtomic } from "../../files/atomic-file.js";
import { prefixOf, type BosChoice } from "../../tokenizer/bos.js";
import { openTokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import { loadTask, type EvaluationParameters, type LoadedTask } from "./load-task.js";

export interface EvaluateParameters {
  readonly tasks: readonly EvaluationParameters[];
  readonly sequenceLength: number;
  readonly dtype: ComputeDType;
  readonly bos: BosChoice;
}

export async function runEvaluate(context: JobContext): Promise<JobResult> {
  const { tasks, sequenceLength, dtype, bos } = context.job.parameters as EvaluateParameters;
  const started = performance.now();
  const folder = context.input("model");
  const tokenizer = openTokenizer(folder);
  const prefix = prefixOf(tokenizer, bos);
  const loaded: LoadedTask[] = [];
  for (const task of tasks) loaded.push(await loadTask(task, folder, tokenizer, context.note));
  const model = loadModel(await context.device(dtype), openModelFolder(folder), null);
  const { scores, samples } = await evaluate({
    model,
    tokenizer,
    tasks: loaded.map(({ task }) => task),
    sequenceLength,
    prefix,
    journal: join(context.folder, "journal.jsonl"),
    signal: context.signal,
    onNote: context.note,
    onProgress: (done, total, task, unit) => context.progress({ done, total, unit, note: task }),
  }).finally(model.close);
  // Times and skipped records belong to the run (done.json), not to the scores.
  writeJsonAtomic(
    join(context.folder, "scores.json"),
    scores.map(({ task, kind, metrics }) => ({ task, kind, metrics, bos, prefix })),
  );
  writeFileAtomic(
    join(context.folder, "samples.jsonl"),
    samples.map((sample) => `${JSON.stringify(sample)}\n`).join(""),
  );
  const result = scores.map((score, i): TaskScores =>
    loaded[i].skipped > 0 ? { ...score, skipped: loaded[i].skipped } : score,
  );
  return { seconds: (performance.now() - started) / 1000, result };
}
