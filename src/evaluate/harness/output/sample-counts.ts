import type { GroupOutcome, ScoredMetric, TaskOutcome } from "../outcome.js";

/** Per metric of a group, the documents of the tasks below it that have the metric. */
export function sampleCounts(
  group: string,
  metrics: readonly ScoredMetric[],
  outcomes: { readonly tasks: readonly TaskOutcome[]; readonly groups: readonly GroupOutcome[] },
): (readonly [string, number])[] {
  const tasks = tasksBelow(group, outcomes);
  return metrics.map(({ metric, filter }) => {
    const having = tasks.filter((task) => task.metrics.some((it) => it.metric === metric && it.filter === filter));
    return [`${metric},${filter}`, having.reduce((sum, { documents }) => sum + documents.effective, 0)];
  });
}

/** A task that two groups below contain occurs twice. */
function tasksBelow(
  name: string,
  outcomes: { readonly tasks: readonly TaskOutcome[]; readonly groups: readonly GroupOutcome[] },
): TaskOutcome[] {
  const task = outcomes.tasks.find((it) => it.task === name);
  if (task !== undefined) return [task];
  const members = outcomes.groups.find(({ group }) => group === name)?.members ?? [];
  return members.flatMap((member) => tasksBelow(member, outcomes));
}
