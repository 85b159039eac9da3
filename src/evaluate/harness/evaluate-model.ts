import type { GroupConfig } from "./config/task-config.js";
import type { GroupOutcome, TaskOutcome } from "./outcome.js";
import { aggregateGroup } from "./output/aggregate-group.js";
import type { ScoreJournal } from "../output/score-journal.js";
import type { PreparedTask } from "./prompt/requests.js";
import { tokenizeTask, type AskOptions, type TokenizeOptions } from "./score/ask-model.js";
import { judgeOf } from "./score/task-outcome.js";

export interface EvaluateModelOptions extends TokenizeOptions, Pick<AskOptions, "session" | "maxRows"> {
  readonly onProgress: (done: number, total: number, task: string) => void;
}

/**
 * Asks a model for the responses to all tasks, in order. All requests are tokenized, and all filters and metrics are
 * made, before the first one runs.
 *
 * @param openJournal  called when all is checked: what finished requests are kept in, so that the evaluation resumes
 * @throws StrataError naming what is wrong with a task or document
 */
export async function evaluateModel(
  tasks: readonly PreparedTask[],
  options: EvaluateModelOptions,
  openJournal: () => ScoreJournal,
): Promise<TaskOutcome[]> {
  const { session, maxRows, onProgress } = options;
  const ready = tasks.map((task) => ({
    name: task.config.task,
    judge: judgeOf(task),
    ask: tokenizeTask(task, options),
  }));
  const scores = openJournal();
  const outcomes: TaskOutcome[] = [];
  for (const { name, judge, ask } of ready) {
    const journal = scores.task<unknown>(name);
    const responses = await ask({
      session,
      maxRows,
      journal,
      onProgress: (done, total) => onProgress(done, total, name),
    });
    outcomes.push(judge.outcome(responses, journal.seconds));
  }
  return outcomes;
}

/** The groups with the metrics of all tasks in them. */
export function groupOutcomes(groups: readonly GroupConfig[], tasks: readonly TaskOutcome[]): GroupOutcome[] {
  return groups.map((group) => {
    const leaves = leavesOf(group, groups);
    const own = tasks.filter(({ task }) => leaves.has(task));
    return {
      group: group.group,
      alias: group.alias,
      version: group.version,
      members: group.members,
      metrics: aggregateGroup(group.aggregates, own),
      aggregates: group.aggregates.length > 0,
      documents: own.reduce((sum, { documents }) => sum + documents.effective, 0),
    };
  });
}

/** The names of the tasks in a group and in its groups. */
function leavesOf({ members }: GroupConfig, groups: readonly GroupConfig[]): ReadonlySet<string> {
  const leaves = new Set<string>();
  for (const member of members) {
    const inner = groups.find(({ group }) => group === member);
    if (inner === undefined) leaves.add(member);
    else for (const leaf of leavesOf(inner, groups)) leaves.add(leaf);
  }
  return leaves;
}
