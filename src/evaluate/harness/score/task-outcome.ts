import type { Value } from "../../../text/jinja/values/value.js";
import { withShots } from "../config/dump-task.js";
import type { TaskConfig } from "../config/task-config.js";
import type { LoggedSample, ScoredMetric, TaskOutcome } from "../outcome.js";
import { aggregate } from "../output/aggregate.js";
import type { HarnessRequest, PreparedTask } from "../prompt/requests.js";
import { documentMetrics, type DocumentMetrics } from "./document-metrics.js";
import { filterOf, type Filter } from "./filters.js";
import { responseValue, type Response } from "./response.js";

/** Filters and metrics of a task. Made before anything is computed, so that what is wrong is found then. */
export interface Judge {
  outcome(responses: readonly (readonly Response[])[], seconds: number | null): TaskOutcome;
}

/** @throws StrataError for a filter or metric that Strata does not have */
export function judgeOf(task: PreparedTask): Judge {
  const { config } = task;
  const metricsOf = documentMetrics(config);
  const filters = config.filters.map((filter) => ({ name: filter.name, run: filterOf(filter, config) }));
  return {
    outcome(responses, seconds) {
      const samples = filters.flatMap((filter) => samplesOf(task, filter, responses, metricsOf));
      return {
        task: config.task,
        alias: config.alias,
        version: config.version,
        shots: task.shots,
        higherIsBetter: config.metrics.map(({ metric, higherIsBetter }) => [metric, higherIsBetter]),
        metrics: filters.flatMap(({ name }) =>
          aggregates(
            config,
            samples.filter(({ filter }) => filter === name),
          ),
        ),
        documents: { original: task.original, effective: task.documents.length },
        config: withShots(config.dump, task.shots),
        seconds,
        samples,
      };
    },
  };
}

function samplesOf(
  { config, documents }: PreparedTask,
  { name, run }: { readonly name: string; readonly run: Filter },
  responses: readonly (readonly Response[])[],
  metricsOf: DocumentMetrics,
): LoggedSample[] {
  return documents.map((document, i) => {
    // Repeats of a greedy answer are the same.
    const repeated = responses[i].map((response) =>
      Array.from({ length: config.repeats }, () => responseValue(response)),
    );
    const filtered = repeated.map(run);
    return {
      docId: document.id,
      doc: document.doc,
      target: document.target,
      requests: document.requests.map(argumentsOf),
      responses: repeated,
      filtered,
      filter: name,
      metrics: metricsOf(document, filtered),
    };
  });
}

function argumentsOf(request: HarnessRequest): Value[] {
  if (request.kind === "rolling") return [request.text];
  return [request.context, request.kind === "continuation" ? request.continuation : request.settings];
}

function aggregates(config: TaskConfig, samples: readonly LoggedSample[]): ScoredMetric[] {
  const byMetric = new Map<string, Value[]>();
  for (const { metrics } of samples)
    for (const [metric, value] of metrics) {
      const values = byMetric.get(metric);
      if (values === undefined) byMetric.set(metric, [value]);
      else values.push(value);
    }
  return [...byMetric].map(([metric, values]) => ({
    metric,
    filter: samples[0].filter,
    ...aggregate(config.metrics.find((one) => one.metric === metric)?.aggregation ?? "mean", values),
  }));
}
