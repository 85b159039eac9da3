import { fixedDigits } from "../../../text/jinja/format/decimal.js";
import { compareTexts } from "../../../text/jinja/values/code-points.js";
import { repr, toText } from "../../../text/jinja/values/text.js";
import { Dict, type Value } from "../../../text/jinja/values/value.js";
import { formatFloat, PythonFloat } from "../../../text/python-float.js";
import type { GroupOutcome, RunFacts, ScoredMetric, TaskOutcome } from "../outcome.js";
import { markdownTable } from "./markdown-table.js";
import { summarize, type SummaryEntry } from "./summary.js";

export interface TableEntry extends Pick<SummaryEntry, "name" | "alias" | "version" | "shots" | "higherIsBetter"> {
  /** Without the key `standardError`, the cells of the error stay empty; null prints as N/A. */
  readonly metrics: readonly (Omit<ScoredMetric, "standardError"> & Partial<ScoredMetric>)[];
}

/** What the harness prints last: a line about the call, a table of tasks, and one of groups if any has metrics. */
export function consoleText(tasks: readonly TaskOutcome[], groups: readonly GroupOutcome[], facts: RunFacts): string {
  const entries = summarize(tasks, groups);
  const members = new Map(groups.map((group) => [group.group, group.members]));
  const aggregates = entries.filter((entry) => entry.isGroup && entry.documents !== null);
  const tables = [resultsTable(entries, members)];
  if (aggregates.length > 0) tables.push(resultsTable(aggregates, members, "Groups"));
  return `${callLine(facts)}\n${tables.map((table) => `${table}\n`).join("")}`;
}

/** Such as `strata ({'pretrained': 'DIR', 'dtype': 'f32'}), gen_kwargs: ({}), limit: 10.0, num_fewshot: 5, …` */
export function callLine({ model, dtype, limit, shots }: RunFacts): string {
  const modelArguments = new Dict([
    ["pretrained", model],
    ["dtype", dtype],
  ]);
  const values: readonly (readonly [string, Value])[] = [
    ["limit", limit === null ? null : new PythonFloat(limit)],
    ["num_fewshot", shots],
    ["batch_size", "auto"],
  ];
  const parts = values.map(([name, value]) => `${name}: ${toText(value)}`);
  return `strata (${repr(modelArguments)}), gen_kwargs: ({}), ${parts.join(", ")}`;
}

/**
 * The Markdown table of results: members of a group are indented below it, all others are sorted by name.
 *
 * @param members  of each group, the names of its tasks and groups
 */
export function resultsTable(
  entries: readonly TableEntry[],
  members: ReadonlyMap<string, readonly string[]>,
  heading: "Tasks" | "Groups" = "Tasks",
): string {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const { order, depths } = arrange([...byName.keys()], members);
  const rows = order.flatMap((name) => entryRows(byName.get(name) as TableEntry, depths.get(name) ?? 0));
  const headers = [heading, "Version", "Filter", "n-shot", "Metric", "", "Value", "", "Stderr"];
  return markdownTable(headers, rows);
}

/** A task that is in two groups has its rows in both, with the depth of the last. */
function arrange(names: readonly string[], members: ReadonlyMap<string, readonly string[]>) {
  const depths = new Map<string, number>();
  const order: string[] = [];
  const visit = (name: string, depth: number): void => {
    depths.set(name, depth);
    if (names.includes(name)) order.push(name);
    for (const child of [...(members.get(name) ?? [])].sort(compareTexts)) visit(child, depth + 1);
  };
  const contained = new Set([...members.values()].flat());
  for (const name of [...members.keys()].sort(compareTexts)) if (!contained.has(name)) visit(name, 0);
  order.push(...names.filter((name) => !depths.has(name)).sort(compareTexts));
  return { order, depths };
}

type Row = (string | bigint | number | PythonFloat)[];

function entryRows(entry: TableEntry, depth: number): Row[] {
  const { alias, version, shots, higherIsBetter } = entry;
  const name = depth > 0 ? `${" ".repeat(depth)}- ${alias}` : alias;
  const key = ({ metric, filter }: TableEntry["metrics"][number]) => `${metric},${filter}`;
  const sorted = [...entry.metrics].sort((a, b) => compareTexts(key(a), key(b)));
  return sorted.map(({ metric, filter, value, standardError }, i) => {
    const isBetter = higherIsBetter.get(metric);
    const arrow = isBetter === true ? "↑" : isBetter === false ? "↓" : "";
    const error = standardError === undefined ? ["", ""] : ["±", errorText(standardError)];
    const [first, second] = i === 0 ? [name, versionCell(version)] : ["", ""];
    return [first, second, filter, String(shots ?? " "), metric, arrow, fourPlaces(value), ...error];
  });
}

function versionCell(version: Value): string | bigint | number | PythonFloat {
  const isNumber = typeof version === "number" || typeof version === "bigint" || version instanceof PythonFloat;
  return isNumber ? version : toText(version);
}

function errorText(standardError: number | null): string {
  return standardError === null ? "   N/A" : fourPlaces(standardError);
}

/** Python's `f"{value:.4f}"`. */
function fourPlaces(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  return (value < 0 || Object.is(value, -0) ? "-" : "") + fixedDigits(value, 4);
}
