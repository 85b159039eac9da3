import { toText } from "../../../text/jinja/values/text.js";
import type { Value } from "../../../text/jinja/values/value.js";
import type { GroupOutcome, ScoredMetric, TaskOutcome } from "../outcome.js";

/** One task or group in the results. */
export interface SummaryEntry {
  readonly name: string;
  readonly alias: string;
  readonly version: Value;
  /** Null for a group whose members differ. */
  readonly shots: number | null;
  /** Null where the members of a group disagree. */
  readonly higherIsBetter: ReadonlyMap<string, boolean | null>;
  readonly metrics: readonly ScoredMetric[];
  /** Scored documents; null for a group that aggregates nothing. */
  readonly documents: number | null;
  readonly isGroup: boolean;
}

/**
 * Tasks as they ran, then groups, each after the groups that it contains.
 *
 * @param groups  each before the groups that it contains, as lm-evaluation-harness loads them
 */
export function summarize(tasks: readonly TaskOutcome[], groups: readonly GroupOutcome[]): SummaryEntry[] {
  const entries = new Map(tasks.map((task) => [task.task, ofTask(task)]));
  // A group is filled from the members that have been filled: one that contains only groups stays without.
  for (const group of groups) entries.set(group.group, ofGroup(group, entries));
  return [...tasks.map(({ task }) => task), ...bottomUp(groups)].map((name) => entries.get(name) as SummaryEntry);
}

function ofTask(task: TaskOutcome): SummaryEntry {
  const { alias, version, shots, metrics } = task;
  const higherIsBetter = new Map(task.higherIsBetter);
  const documents = task.documents.effective;
  return { name: task.task, alias, version, shots, higherIsBetter, metrics, documents, isGroup: false };
}

function ofGroup(group: GroupOutcome, entries: ReadonlyMap<string, SummaryEntry>): SummaryEntry {
  const members = group.members.flatMap((name) => entries.get(name) ?? []);
  const shots = new Set(members.flatMap((member) => member.shots ?? []));
  const { alias, metrics } = group;
  return {
    name: group.group,
    alias,
    version: toText(group.version),
    shots: shots.size === 1 ? [...shots][0] : null,
    higherIsBetter: commonDirections(members),
    metrics,
    documents: (group.aggregates ?? metrics.length > 0) ? group.documents : null,
    isGroup: true,
  };
}

function commonDirections(members: readonly SummaryEntry[]): Map<string, boolean | null> {
  const common = new Map<string, boolean | null>();
  for (const [metric, isBetter] of members.flatMap((member) => [...member.higherIsBetter]))
    common.set(metric, !common.has(metric) || common.get(metric) === isBetter ? isBetter : null);
  return common;
}

/** Names of groups, children before parents, from the groups that no other group contains. */
function bottomUp(groups: readonly GroupOutcome[]): string[] {
  const byName = new Map(groups.map((group) => [group.group, group]));
  const contained = new Set(groups.flatMap(({ members }) => members));
  const visited = new Set<string>();
  const visit = ({ group, members }: GroupOutcome): string[] => {
    if (visited.has(group)) return [];
    visited.add(group);
    return [...members.flatMap((name) => (byName.has(name) ? visit(byName.get(name) as GroupOutcome) : [])), group];
  };
  return groups.filter(({ group }) => !contained.has(group)).flatMap(visit);
}
