import type { GroupComparison, TaskComparison } from "./comparison.js";
import { studentTest } from "./paired-tests.js";
import type { Evaluation } from "./read-evaluation.js";

/** The groups that both evaluations have metrics of, over the paired items. */
export function compareGroups(
  tasks: readonly TaskComparison[],
  one: Evaluation,
  other: Evaluation,
): readonly GroupComparison[] {
  return [...one.groups].flatMap(([group, names]) => {
    const members = tasks.filter(({ task }) => names.includes(task));
    if (!other.groups.has(group) || members.length < new Set(names).size) return [];
    return Object.entries(one.facts("groups", group)).flatMap(([key, reported]) => {
      const [metric, filter] = key.split(",");
      if (typeof reported !== "number" || filter === undefined || metric.endsWith("_stderr")) return [];
      const compared = compareGroup(members, metric, filter, reported);
      return compared === null ? [] : [{ group, tasks: members.length, metric, filter, ...compared }];
    });
  });
}

/** Null if a task does not have the metric. */
function compareGroup(members: readonly TaskComparison[], metric: string, filter: string, reported: number) {
  const parts = members.flatMap(({ items, metrics }) => {
    const found = metrics.find((each) => each.metric === metric && each.filter === filter);
    return found ? [{ ...found, items }] : [];
  });
  if (parts.length < members.length) return null;
  const items = parts.reduce((sum, part) => sum + part.items, 0);
  const bySize = parts.map((part) => part.items / items);
  const equal = parts.map(() => 1 / parts.length);
  const total = (side: "first" | "second", weights: readonly number[]) =>
    parts.reduce((sum, part, i) => sum + weights[i] * part[side], 0);
  // The file does not say how its group was weighted, but its value does.
  const isNear = (value: number) => Math.abs(value - reported) < 1e-9;
  const weights = !isNear(total("first", bySize)) && isNear(total("first", equal)) ? equal : bySize;
  const [first, second] = [total("first", weights), total("second", weights)];
  const errors = parts.map(({ standardError }, i) => (standardError === null ? NaN : weights[i] * standardError));
  const error = Math.hypot(...errors);
  const common = { items, first, second, difference: second - first };
  if (Number.isNaN(error)) return { ...common, standardError: null, p: null };
  return { ...common, standardError: error, p: studentTest(second - first, error, Math.max(1, items - parts.length)) };
}
