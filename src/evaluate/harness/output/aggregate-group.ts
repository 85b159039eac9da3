import { compareTexts } from "../../../text/jinja/values/code-points.js";
import type { ScoredMetric, TaskOutcome } from "../outcome.js";

/** An entry of a group file's `aggregate_metric_list`; the aggregation is always the mean. */
export interface GroupMetric {
  readonly metric: string;
  /** Null: every filter that a task has for the metric. */
  readonly filters: readonly string[] | null;
  /** False: every task counts the same. */
  readonly weightBySize: boolean;
}

type MemberOutcome = Pick<TaskOutcome, "metrics" | "documents">;

/** @param tasks  all tasks below the group; those without a metric do not count for it */
export function aggregateGroup(settings: readonly GroupMetric[], tasks: readonly MemberOutcome[]): ScoredMetric[] {
  return settings.flatMap(({ metric, filters, weightBySize }) =>
    (filters ?? filtersOf(metric, tasks)).flatMap((filter) => {
      const parts = tasks.flatMap(({ metrics, documents }) => {
        const scored = metrics.find((it) => it.metric === metric && it.filter === filter);
        return scored === undefined ? [] : [{ ...scored, size: documents.effective }];
      });
      return parts.length === 0 ? [] : [{ metric, filter, ...pool(parts, weightBySize) }];
    }),
  );
}

function filtersOf(metric: string, tasks: readonly MemberOutcome[]): string[] {
  const scored = tasks.flatMap(({ metrics }) => metrics).filter((it) => it.metric === metric);
  return [...new Set(scored.map(({ filter }) => filter))].sort(compareTexts);
}

interface Part extends Pick<ScoredMetric, "value" | "standardError"> {
  readonly size: number;
}

/** The error is pooled by size in both cases; one task without an error leaves the group without. */
function pool(parts: readonly Part[], weightBySize: boolean): Pick<ScoredMetric, "value" | "standardError"> {
  const total = (of: (part: Part) => number) => parts.reduce((sum, part) => sum + of(part), 0);
  const weight = ({ size }: Part) => (weightBySize ? size : 1);
  const value = total((part) => part.value * weight(part)) / total(weight);
  if (parts.some((part) => part.standardError === null)) return { value, standardError: null };
  const size = total((part) => part.size);
  const squares = total((part) => (part.size - 1) * (part.standardError as number) ** 2 * part.size);
  return { value, standardError: Math.sqrt(squares / (size - parts.length) / size) };
}
