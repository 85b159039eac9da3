import { datasetsOf, defaultTrainingData } from "../defaults/training-data.js";
import { evaluationIssues, taskDatasetKeys } from "./evaluation-checks.js";
import { describeValue, elements, isMapping, issueAt, valueAt, type Issue, type Path } from "../errors/issue.js";
import { suggestName } from "../../errors/nearest-name.js";
import { deviceIssues } from "./device-checks.js";
import { searchIssues, seedsIssues } from "./search-checks.js";
import { lengthIssues, microBatchIssues, scheduleIssues, shapeIssues } from "./shape-checks.js";
import { strategyIssues } from "./strategy-checks.js";
import { textIssues } from "./text-checks.js";

/**
 * Rules about several keys: names that must exist or be unique, and keys that depend on each other. Reads the recipe as
 * written, even if the schema rejects it, so that all mistakes are reported at once.
 *
 * @param resolvePath  the absolute path of a file in the recipe at `at`
 */
export function crossIssues(recipe: unknown, resolvePath: (file: string, at: Path) => string): Issue[] {
  return [
    ...referenceIssues(recipe),
    ...trainingDataIssues(recipe),
    ...textIssues(recipe),
    ...tokenizerIssues(recipe),
    ...shapeIssues(recipe, ["model", "random"]),
    ...shapeIssues(recipe, ["model", "pretrain", "shape"]),
    ...lengthIssues(recipe),
    ...microBatchIssues(recipe),
    ...scheduleIssues(recipe),
    ...deviceIssues(recipe),
    ...strategyIssues(recipe),
    ...repeatedNames(recipe, "strategies"),
    ...repeatedNames(recipe, "evaluation"),
    ...evaluationIssues(recipe, resolvePath),
    ...seedsIssues(recipe),
    ...searchIssues(recipe),
  ];
}

function referenceIssues(recipe: unknown): Issue[] {
  const written = valueAt(recipe, ["data"]);
  if (typeof written !== "string" && !isMapping(written)) return [];
  const known = Object.keys(datasetsOf(recipe));
  const tasks = elements(recipe, ["evaluation"]).flatMap(({ path }) => taskDatasetKeys.map((key) => [...path, key]));
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
            suggestName(value, known) ?? `Add \`${value}:\` under \`data:\`.`,
          ),
        ],
  );
}

/** `training.data` is optional as long as a data set is left to train on. */
function trainingDataIssues(recipe: unknown): Issue[] {
  const training = valueAt(recipe, ["training"]);
  if (isMapping(training) && training.data !== undefined) return [];
  const written = valueAt(recipe, ["data"]);
  if ((typeof written !== "string" && !isMapping(written)) || defaultTrainingData(recipe).length > 0) return [];
  const [got, hint] =
    Object.keys(datasetsOf(recipe)).length === 0
      ? ["no data set", "Add one under `data:`, for example `mine: my.txt`."]
      : [
          "pre-training and tests only",
          "Add a data set, or name one in `training.data`: by default no data set of `model.pretrain.data` or of an " +
            "evaluation with `split: all` is trained on.",
        ];
  return [{ path: ["data"], atKey: true, expected: "a data set to train on", got, hint }];
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
        expected: "no tokenizer with model.folder",
        got: describeValue(tokenizer),
        hint: "Remove `tokenizer:`; the folder has its own.",
      },
    ];
  }
  return [];
}

function repeatedNames(recipe: unknown, key: "strategies" | "evaluation"): Issue[] {
  const seen = new Set<string>();
  return elements(recipe, [key]).flatMap(({ path, value }) => {
    const named = isMapping(value) ? ["name", "preset", "task"].find((one) => value[one] !== undefined) : null;
    const name = named ? (value as Readonly<Record<string, unknown>>)[named] : value;
    if (typeof name !== "string") return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [
      issueAt(
        named ? [...path, named] : path,
        `a name that is unique in ${key}`,
        name,
        named && named !== "name" ? "Give one of them a `name`, or remove it." : "Rename or remove one of them.",
      ),
    ];
  });
}
