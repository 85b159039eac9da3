import { elements, isMapping, issueAt, valueAt, type Issue } from "./issue.js";

/** What made-up data a kind of evaluation can read. */
const generatorOf: Readonly<Record<string, string>> = { "multiple-choice": "choices", "exact-match": "problems" };

/** Evaluations whose data cannot serve them. */
export function evaluationIssues(recipe: unknown): Issue[] {
  return elements(recipe, ["evaluation"]).flatMap(({ path, value }) => {
    if (!isMapping(value) || typeof value.data !== "string" || typeof value.kind !== "string") return [];
    const set = valueAt(recipe, ["data", value.data]);
    const issues: Issue[] = [];
    const generate = valueAt(set, ["generate"]);
    const needed = generatorOf[value.kind];
    if (needed !== undefined && typeof generate === "string" && generate !== needed) {
      issues.push(
        issueAt(
          [...path, "data"],
          `data with ${needed} for ${value.kind}`,
          value.data,
          `It holds ${generate}; take data with \`generate: ${needed}\`.`,
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
          "Name the data set that the solved examples come from.",
        ),
      );
    }
    return issues;
  });
}
