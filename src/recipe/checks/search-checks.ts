import { findTasks, isTaskPath } from "../../evaluate/harness/config/find-tasks.js";
import { suggestName } from "../../errors/nearest-name.js";
import { describeValue, elements, isMapping, issueAt, valueAt, type Issue, type Path } from "../errors/issue.js";

/** `seeds` beside `seed`, or with a seed twice. */
export function seedsIssues(recipe: unknown): Issue[] {
  const seeds = valueAt(recipe, ["seeds"]);
  if (seeds === undefined) return [];
  const seed = valueAt(recipe, ["seed"]);
  const both: Issue[] =
    seed === undefined
      ? []
      : [
          {
            path: ["seeds"],
            atKey: true,
            expected: "either seed or seeds",
            got: `both: seed: ${describeValue(seed)}`,
            hint: "Keep one of them; --set seeds=[1] runs one of several.",
          },
        ];
  const all = elements(recipe, ["seeds"]);
  const repeated = all.filter(({ value }, i) => all.findIndex((other) => other.value === value) < i);
  return [...both, ...repeated.map(({ path, value }) => issueAt(path, "each seed once", value, "Remove one of them."))];
}

/** A search without anything to try, with ranges that its method cannot use, or with an unknown evaluation. */
export function searchIssues(recipe: unknown): Issue[] {
  const search = valueAt(recipe, ["search"]);
  if (!isMapping(search)) return [];
  return [
    ...emptyIssues(search),
    ...["baseline", "values"].flatMap((key) => spaceIssues(search, ["search", key], search[key])),
    ...objectiveIssues(recipe),
  ];
}

function emptyIssues(search: Readonly<Record<string, unknown>>): Issue[] {
  const tried = [search.baseline, search.values].filter((one) => isMapping(one) && Object.keys(one).length > 0);
  if (tried.length > 0) return [];
  return [
    {
      path: ["search"],
      atKey: true,
      expected: "values to try",
      got: "none",
      hint: "Add `values:` or `baseline:` with paths and values, such as `training.learningRate: [1.0e-3, 2.0e-3]`.",
    },
  ];
}

function spaceIssues(search: Readonly<Record<string, unknown>>, at: Path, space: unknown): Issue[] {
  if (!isMapping(space)) return [];
  return Object.entries(space).flatMap(([path, range]) => {
    if (!isMapping(range)) return [];
    const issues: Issue[] = [];
    const { min, max, scale } = range;
    if ((search.method ?? "grid") === "grid") {
      const hint = "Give a list of values, or choose `method: random` or `method: halving`.";
      issues.push(issueAt([...at, path], "a list of values with method grid", range, hint));
    }
    if (typeof min === "number" && typeof max === "number" && !(min < max))
      issues.push(issueAt([...at, path, "max"], `a number above min (${min})`, max, "Swap `min` and `max`."));
    if (scale === "log" && typeof min === "number" && !(min > 0))
      issues.push(issueAt([...at, path, "min"], "a number above 0 with scale log", min, "Raise it, or use linear."));
    return issues;
  });
}

function objectiveIssues(recipe: unknown): Issue[] {
  const path = ["search", "objective", "evaluation"];
  const wanted = valueAt(recipe, path);
  const evaluations = elements(recipe, ["evaluation"]).map(({ value }) => (isMapping(value) ? value : { task: value }));
  // The name of a task that a file defines is not known here.
  if (evaluations.some(({ name, task }) => name === undefined && typeof task === "string" && isTaskPath(task)))
    return [];
  const names = evaluations.flatMap(namesOf);
  if (typeof wanted !== "string" || names.length === 0 || names.includes(wanted)) return [];
  const hint = suggestName(wanted, names) ?? "Choose one of them, or add it to `evaluation:`.";
  return [issueAt(path, `an evaluation of this recipe (${names.join(", ")})`, wanted, hint)];
}

function namesOf({ name, task }: Readonly<Record<string, unknown>>): string[] {
  if (typeof name === "string") return [name];
  try {
    return typeof task === "string" ? findTasks(task).map((entry) => entry.name) : [];
  } catch {
    return [];
  }
}
