import { elements, isMapping, issueAt, valueAt, type Issue } from "../errors/issue.js";

/** The synthetic data that a kind of evaluation can read. */
const syntheticOf: Readonly<Record<string, string>> = { "multiple-choice": "choices", "exact-match": "problems" };

/** Evaluations on unsuitable data. */
export function evaluationIssues(recipe: unknown): Issue[] {
  return elements(recipe, ["evaluation"]).flatMap(({ path, value }) => {
    if (!isMapping(value) || typeof value.data !== "string" || typeof value.kind !== "string") return [];
    const set = valueAt(recipe, ["data", value.data]);
    const issues: Issue[] = [];
    const synthetic = valueAt(set, ["synthetic"]);
    const needed = syntheticOf[value.kind];
    if (needed !== undefined && typeof synthetic === "string" && synthetic !== needed) {
      issues.push(
        issueAt(
          [...path, "data"],
          `data with ${needed} for ${value.kind}`,
          value.data,
          `It has ${synthetic}; use data with \`synthetic: ${needed}\`.`,
        ),
      );
    }
    if (valueAt(recipe, ["holdOut"]) === 0 && (value.split ?? "validation") === "validation") {
      issues.push(
        issueAt(
          [...path, "data"],
          "data with held-out documents",
          value.data,
          "The recipe's `holdOut` is 0: raise it, or write `split: all` here.",
        ),
      );
    }
    if (typeof value.fewShot === "number" && value.fewShot > 0 && (value.fewShotData ?? null) === null) {
      issues.push(
        issueAt(
          [...path, "fewShotData"],
          "the name of a data set",
          value.fewShotData,
          "Set the data set of the solved examples.",
        ),
      );
    }
    return issues;
  });
}
