import { datasetPresets } from "./dataset-presets.js";
import { evaluationIssues } from "./evaluation-checks.js";
import { describeValue, elements, isMapping, issueAt, valueAt, type Issue, type Path } from "./issue.js";
import { suggestion } from "./nearest.js";
import { lengthIssues, microBatchIssues, shapeIssues } from "./shape-checks.js";
import { strategyIssues } from "./strategy-checks.js";

/**
 * What the schema cannot see: names that must exist or differ, and keys that depend on each other. Reads the recipe as
 * written, whatever else is wrong in it, so that all mistakes are told at once.
 */
export function crossIssues(recipe: unknown): Issue[] {
  return [
    ...referenceIssues(recipe),
    ...datasetIssues(recipe),
    ...tokenizerIssues(recipe),
    ...shapeIssues(recipe, ["model", "random"]),
    ...shapeIssues(recipe, ["model", "pretrain", "shape"]),
    ...lengthIssues(recipe),
    ...microBatchIssues(recipe),
    ...strategyIssues(recipe),
    ...repeatedNames(recipe, "strategies"),
    ...repeatedNames(recipe, "evaluation"),
    ...evaluationIssues(recipe),
  ];
}

function referenceIssues(recipe: unknown): Issue[] {
  const sets = valueAt(recipe, ["data"]);
  if (!isMapping(sets)) return [];
  const known = Object.keys(sets);
  const tasks = elements(recipe, ["evaluation"]).flatMap(({ path }) => [
    [...path, "data"],
    [...path, "fewShotData"],
  ]);
  const places: Path[] = [
    ["tokenizer", "train", "data"],
    ["model", "pretrain", "data"],
    ["training", "data"],
    ...tasks,
  ];
  const one = places.map((path) => ({ path, value: valueAt(recipe, path) }));
  const several = places.flatMap((path) => elements(recipe, path));
  return [...one, ...several].flatMap(({ path, value }) =>
    typeof value !== "string" || value === "" || known.includes(value)
      ? []
      : [
          issueAt(
            path,
            `a data set of this recipe (${known.join(", ") || "none"})`,
            value,
            suggestion(value, known) ?? `Add \`${value}:\` under \`data:\`.`,
          ),
        ],
  );
}

function datasetIssues(recipe: unknown): Issue[] {
  const sets = valueAt(recipe, ["data"]);
  return isMapping(sets)
    ? Object.entries(sets).flatMap(([name, set]) => (isMapping(set) ? textIssues(["data", name], set) : []))
    : [];
}

function textIssues(path: Path, set: Record<string, unknown>): Issue[] {
  const issues: Issue[] = [];
  const hasAnswer = set.answer !== undefined && set.answer !== null;
  const preset =
    typeof set.preset === "string" && !("field" in set) && !("template" in set)
      ? datasetPresets[set.preset]?.text
      : undefined;
  const presetHasAnswer = preset !== undefined && "answer" in preset && preset.answer !== null;
  if ("field" in set && "template" in set) {
    issues.push({
      path: [...path, "field"],
      atKey: true,
      expected: "field or template",
      got: "both",
      hint: "Remove `field:`; a template can name it as {field}.",
    });
  }
  if ("messages" in set && ("field" in set || "template" in set)) {
    issues.push({
      path: [...path, "messages"],
      atKey: true,
      expected: "messages alone",
      got: `${"field" in set ? "field" : "template"} beside it`,
      hint: "Keep one of them: the tokenizer's chat template writes messages.",
    });
  }
  if (hasAnswer && !("template" in set)) {
    issues.push({
      path: [...path, "answer"],
      atKey: true,
      expected: "an answer beside a template",
      got: "no template",
      hint: "Add `template:` with what stands in front of the answer.",
    });
  }
  if (set.lossOn === "answers" && !hasAnswer && !presetHasAnswer && !("messages" in set)) {
    issues.push(
      issueAt(
        [...path, "lossOn"],
        "all where there is neither `answer` nor `messages`",
        set.lossOn,
        "Add `answer:` with what is to be predicted, and leave in `template:` what stands in front of it.",
      ),
    );
  }
  if (typeof set.template === "string" && hasAnswer && set.template.endsWith(" ")) {
    issues.push(
      issueAt(
        [...path, "template"],
        "no space at its end where an `answer` stands behind it",
        set.template,
        "Begin the answer with it: tokens of words hold the space in front of them.",
      ),
    );
  }
  return issues;
}

function tokenizerIssues(recipe: unknown): Issue[] {
  const model = valueAt(recipe, ["model"]);
  const hasFolder = isMapping(model) && "folder" in model && !("random" in model) && !("pretrain" in model);
  const tokenizer = valueAt(recipe, ["tokenizer"]);
  if (hasFolder && isMapping(tokenizer)) {
    return [
      {
        path: ["tokenizer"],
        atKey: true,
        expected: "no tokenizer beside model.folder",
        got: describeValue(tokenizer),
        hint: "Remove `tokenizer:`; the folder brings its own.",
      },
    ];
  }
  if (hasFolder || tokenizer !== undefined || !isMapping(model)) return [];
  return [
    issueAt(
      ["tokenizer"],
      "exactly one of train, file",
      undefined,
      "Add `tokenizer:`; only a model from a folder brings its own.",
    ),
  ];
}

function repeatedNames(recipe: unknown, key: "strategies" | "evaluation"): Issue[] {
  const seen = new Set<string>();
  return elements(recipe, [key]).flatMap(({ path, value }) => {
    const name = isMapping(value) ? value.name : value;
    if (typeof name !== "string") return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [
      issueAt(
        isMapping(value) ? [...path, "name"] : path,
        `a name that no other of ${key} has`,
        name,
        "Rename or remove one of them.",
      ),
    ];
  });
}
