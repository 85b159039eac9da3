import { StrataError } from "../../errors/strata-error.js";
import { findTasks, isTaskPath } from "../../evaluate/harness/config/find-tasks.js";
import { readTaskConfig } from "../../evaluate/harness/config/read-task-config.js";
import { drawsExamples, shotsOf } from "../../evaluate/harness/prompt/prepare-task.js";
import type { TaskConfig } from "../../evaluate/harness/config/task-config.js";
import { namePattern, namePatternText } from "../schema/values.js";
import { elements, isMapping, issueAt, valueAt, type Issue, type Path } from "../errors/issue.js";

/** The keys of an evaluation whose values are names of data sets. */
export const taskDatasetKeys = ["data", "fewShotData"] as const;

/**
 * Evaluations without data that they need, and tasks that do not exist.
 *
 * @param resolvePath  the absolute path of a file in the recipe at `at`
 */
export function evaluationIssues(recipe: unknown, resolvePath: (file: string, at: Path) => string): Issue[] {
  return elements(recipe, ["evaluation"]).flatMap(({ path, value }) => {
    const written = typeof value === "string" ? { task: value } : value;
    if (!isMapping(written)) return [];
    return [...heldOutIssues(recipe, written, path), ...taskIssues(written, path, isMapping(value), resolvePath)];
  });
}

type Written = Readonly<Record<string, unknown>>;

function heldOutIssues(recipe: unknown, evaluation: Written, path: Path): Issue[] {
  if ((evaluation.data ?? null) === null) return [];
  if (valueAt(recipe, ["holdOut"]) !== 0 || (evaluation.split ?? "validation") !== "validation") return [];
  const hint = "The recipe's `holdOut` is 0: raise it, or write `split: all` here.";
  return [issueAt([...path, "data"], "data with held-out documents", evaluation.data, hint)];
}

function taskIssues(
  written: Written,
  path: Path,
  isEntry: boolean,
  resolvePath: (file: string, at: Path) => string,
): Issue[] {
  const { task: named } = written;
  if (typeof named !== "string" || named === "") return [];
  const at = isEntry ? [...path, "task"] : path;
  try {
    const tasks = findTasks(isTaskPath(named) ? resolvePath(named, at) : named).map(readTaskConfig);
    if (tasks.length > 1) return groupIssues(written, path, tasks.length);
    return [
      ...nameIssues(written, at, tasks[0]),
      ...splitIssues(written, path),
      ...exampleIssues(written, path, tasks[0]),
    ];
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    return [issueOf(error, at, named)];
  }
}

/** What is wrong with a task file, at the place of its name. */
function issueOf({ parts }: StrataError, path: Path, named: string): Issue {
  if (parts.where === `--tasks ${named}`) {
    const hint = parts.hint.startsWith("Did you mean")
      ? parts.hint
      : "`strata eval --tasks list` lists them; a file of yours is named by its path.";
    return issueAt(path, "a task, a group or a tag of Strata, or the path of a task file", named, hint);
  }
  if (parts.got === "ENOENT") {
    return {
      path,
      atKey: false,
      expected: `a task file at ${parts.where}`,
      got: "no such file",
      hint: "Check its path.",
    };
  }
  const expected = `${parts.expected} (${parts.where})`;
  return { path, atKey: false, expected, got: parts.got, hint: parts.hint };
}

function groupIssues(written: Written, path: Path, tasks: number): Issue[] {
  return ["name", ...taskDatasetKeys].flatMap((key) =>
    (written[key] ?? null) === null
      ? []
      : [
          {
            path: [...path, key],
            atKey: true,
            expected: "no such key beside a group of tasks",
            got: JSON.stringify(key),
            hint: `\`${String(written.task)}\` stands for ${tasks} tasks; write an entry for each.`,
          },
        ],
  );
}

/** A task file may have a name that recipes cannot. */
function nameIssues(written: Written, at: Path, { task }: TaskConfig): Issue[] {
  if (written.name !== undefined || namePattern.test(task)) return [];
  return [issueAt(at, `a task that is called ${namePatternText}`, task, "Give it one here: `{ task: …, name: … }`.")];
}

function splitIssues({ data, split }: Written, path: Path): Issue[] {
  if ((data ?? null) !== null || split !== "validation") return [];
  const hint = "The split of a task's own data is that of the task file; name one of the recipe's data sets as `data`.";
  return [issueAt([...path, "split"], "no split without data", split, hint)];
}

function exampleIssues(written: Written, path: Path, config: TaskConfig): Issue[] {
  const { fewShot, fewShotData, data } = written;
  if (fewShot !== undefined && typeof fewShot !== "number") return [];
  const shots = shotsOf(config, fewShot ?? null);
  if (shots !== (fewShot ?? shots))
    return [issueAt([...path, "fewShot"], "0", fewShot, `The task file says that ${config.task} has no examples.`)];
  const isMissing = (data ?? null) !== null && (fewShotData ?? null) === null;
  if (!isMissing || !drawsExamples(config, shots)) return [];
  const hint =
    `${config.task} has ${shots} solved examples in each prompt. Name a data set that contains them, or set ` +
    "`fewShot: 0`.";
  return [issueAt([...path, "fewShotData"], "the name of a data set", fewShotData, hint)];
}
