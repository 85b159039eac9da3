import { toText } from "../../../text/jinja/values/text.js";
import { Tuple, type Value } from "../../../text/jinja/values/value.js";
import type { LoggedSample, TaskOutcome } from "../../harness/outcome.js";
import type { PreparedTask } from "../../harness/prompt/requests.js";
import { tokenizeTask } from "../../harness/score/ask-model.js";
import { judgeOf } from "../../harness/score/task-outcome.js";
import { deviations } from "../../metric/ratio.js";
import type { FileTaskSample, Sample } from "../../output/samples.js";
import type { Metric } from "../../output/scores.js";
import type { TaskKind } from "../task-kind.js";
import type { Task, TaskResult } from "../task.js";
import { describeMetric, metricName, metricRatio } from "./file-task-metrics.js";

/** A task that a task file defines, with its documents. */
export interface FileTask extends Task {
  readonly kind: "task";
  readonly prepared: PreparedTask;
}

export const fileTaskKind: TaskKind<FileTask, FileTaskSample> = {
  progressUnit: "items",
  note:
    "Tasks are scored as lm-evaluation-harness scores them. Accuracy takes the choice with the highest " +
    "log-likelihood; normalized accuracy divides that by the length of the choice in characters. Exact match " +
    "compares the answer that a filter finds in what the model generates with the reference; of GSM8K, strict " +
    "accepts only a number after `####`, flexible takes the last number.",
  describe: describeMetric,
  primaryOf: (metrics) => metrics.find((metric) => metric === "acc_norm") ?? metrics[0],
  ratioOf: metricRatio,
  async score({ name, prepared }, { tokenizer, prefix, maxPositions, ...asking }) {
    const judge = judgeOf(prepared);
    const ask = tokenizeTask(prepared, { tokenizer, prefix, maxLength: maxPositions });
    return resultOf(name, judge.outcome(await ask(asking), null), prepared);
  },
};

function resultOf(task: string, outcome: TaskOutcome, { config }: PreparedTask): TaskResult<FileTaskSample> {
  const samples = samplesOf(task, outcome);
  const metrics = outcome.metrics.map(({ metric, filter, value, standardError }): [string, Metric] => {
    const { aggregation, higherIsBetter } = config.metrics.find((one) => one.metric === metric)!;
    const own: Metric = { value, standardError, count: samples.length, higherIsBetter, aggregation };
    const name = metricName(metric, filter);
    // The harness has no error of a ratio of sums.
    return [name, standardError === null ? { ...own, standardError: ratioError(name, own, samples) } : own];
  });
  return { metrics: Object.fromEntries(metrics), samples };
}

function ratioError(name: string, metric: Metric, samples: readonly FileTaskSample[]): number | null {
  const ratio = metricRatio(name, metric);
  const found = ratio && deviations(samples.map(ratio.term), ratio.derivative);
  return found && Math.sqrt(found.reduce((sum, deviation) => sum + deviation ** 2, 0));
}

/** A line per document, with the results of all filters. */
function samplesOf(task: string, { samples }: TaskOutcome): Sample<FileTaskSample>[] {
  const byDocument = new Map<number, LoggedSample[]>();
  for (const sample of samples) {
    const own = byDocument.get(sample.docId);
    if (own === undefined) byDocument.set(sample.docId, [sample]);
    else own.push(sample);
  }
  return Array.from(byDocument, ([doc, own]) => ({ task, doc, ...sampleOf(own) }));
}

function sampleOf(filters: readonly LoggedSample[]): FileTaskSample {
  const [{ requests, target, responses }] = filters;
  const first = responses.map(([response]) => response);
  const isText = typeof first[0] === "string";
  const greedy = first.flatMap((response) => (response instanceof Tuple ? [response.items[1] === true] : []));
  const score = filters.flatMap(({ filter, metrics }) =>
    metrics.map(([metric, value]) => [metricName(metric, filter), scoreOf(value)] as const),
  );
  return {
    prompt: toText(requests[0][0]),
    target: toText(target),
    responses: first.map(responseOf),
    ...(greedy.length > 0 ? { greedy } : {}),
    ...(isText
      ? { filtered: Object.fromEntries(filters.map(({ filter, filtered }) => [filter, textOf(filtered)])) }
      : {}),
    score: Object.fromEntries(score),
  };
}

function responseOf(response: Value): number | string {
  if (typeof response === "string") return response;
  return Number(response instanceof Tuple ? response.items[0] : response);
}

/** Of a document's only request. */
function textOf([filtered]: readonly Value[]): string {
  return toText(filtered);
}

function scoreOf(value: Value): number | readonly [number, number] {
  return value instanceof Tuple ? [Number(value.items[0]), Number(value.items[1])] : Number(value);
}
