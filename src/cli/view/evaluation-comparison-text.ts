import type { Answer } from "../../evaluate/harness/compare/read-answers.js";
import type { ChangedItem } from "../../evaluate/harness/compare/changed-items.js";
import type {
  EvaluationComparison,
  GroupComparison,
  MetricComparison,
  TaskComparison,
} from "../../evaluate/harness/compare/comparison.js";
import { alignTable } from "../../text/align-table.js";
import { plural } from "../../text/plural.js";

const maxItems = 10;
const maxAnswer = 24;
const missing = "–";

/** The output of `strata eval --compare`: a table of metrics, then the items that changed. */
export function evaluationComparisonText(comparison: EvaluationComparison): string {
  const { first, second, tasks, groups } = comparison;
  const head = [`A: ${first.model} (${first.file})`, `B: ${second.model} (${second.file})`];
  const rows = tasks.flatMap((task) => task.metrics.map((metric) => metricRow(task, metric)));
  const headings = ["task", "filter", "metric", "items", "A", "B", "B − A", "±", "p", "only A right", "only B right"];
  const table = alignTable([headings, ...rows, ...groups.map(groupRow)]);
  const changed = tasks.flatMap((task) => task.metrics.flatMap((metric) => changedText(task.task, metric)));
  return `${[head.join("\n"), table, explanation, ...notes(comparison), ...changed].join("\n\n")}\n`;
}

const explanation =
  "±: standard error of the difference on the same items. p: two-sided; McNemar's exact test where items are right\n" +
  "or wrong, otherwise Student's t of the differences.";

function metricRow({ task, items }: TaskComparison, metric: MetricComparison): string[] {
  const { onlyRight, higherIsBetter } = metric;
  const arrow = higherIsBetter === null ? "" : higherIsBetter ? " ↑" : " ↓";
  return [
    task,
    metric.filter,
    metric.metric + arrow,
    String(items),
    ...differenceCells(metric),
    onlyRight ? String(onlyRight.first) : missing,
    onlyRight ? String(onlyRight.second) : missing,
  ];
}

function groupRow(group: GroupComparison): string[] {
  const names = [`${group.group} (${plural(group.tasks, "task")})`, group.filter, group.metric, String(group.items)];
  return [...names, ...differenceCells(group), missing, missing];
}

function differenceCells({
  first,
  second,
  difference,
  standardError,
  p,
}: MetricComparison | GroupComparison): string[] {
  return [
    ...[first, second, difference].map((value) => value.toFixed(4)),
    standardError?.toFixed(4) ?? missing,
    p === null ? missing : p >= 1e-4 ? p.toFixed(4) : p.toExponential(1),
  ];
}

function notes({ tasks, onlyFirst, onlySecond }: EvaluationComparison): string[] {
  const lines = tasks.flatMap(({ task, items, ...counts }) => [
    ...(counts.onlyFirst > 0 ? [`${task}: ${plural(counts.onlyFirst, "document")} only in A: not compared`] : []),
    ...(counts.onlySecond > 0 ? [`${task}: ${plural(counts.onlySecond, "document")} only in B: not compared`] : []),
    ...(counts.otherPrompts > 0 ? [`${task}: the prompts of ${counts.otherPrompts} of ${items} items differ`] : []),
    ...(counts.otherTargets > 0 ? [`${task}: the targets of ${counts.otherTargets} of ${items} items differ`] : []),
  ]);
  if (onlyFirst.length > 0) lines.push(`only in A: ${onlyFirst.join(", ")}`);
  if (onlySecond.length > 0) lines.push(`only in B: ${onlySecond.join(", ")}`);
  return lines.length > 0 ? [lines.join("\n")] : [];
}

function changedText(task: string, { metric, filter, changed }: MetricComparison): string[] {
  if (changed.length === 0) return [];
  const name = `${task} ${metric}${filter === "none" ? "" : ` (${filter})`}`;
  const isDecided = ({ first, second }: ChangedItem) => Number(first.value !== second.value);
  const sorted = changed.toSorted((a, b) => isDecided(b) - isDecided(a));
  const rows = sorted.slice(0, maxItems).map(({ docId, first, second }) => [String(docId), show(first), show(second)]);
  const rest = changed.length - rows.length;
  const more = rest > 0 ? [`${rest} more; --json lists all`] : [];
  return [
    [`${name}: ${plural(changed.length, "item")} changed`, alignTable([["item", "A", "B"], ...rows]), ...more].join(
      "\n",
    ),
  ];
}

function show({ answer, isRight, value }: ChangedItem["first"]): string {
  const judged = isRight === null ? String(value) : isRight ? "right" : "wrong";
  return answer === null ? judged : `${showAnswer(answer)} ${judged}`;
}

function showAnswer(answer: Answer): string {
  if (typeof answer === "number") return `choice ${answer}`;
  const characters = Array.from(answer ?? "");
  return JSON.stringify(characters.length > maxAnswer ? `${characters.slice(0, maxAnswer).join("")}…` : answer);
}
