import { datasetPresets } from "../dataset-presets.js";
import { datasetsOf } from "../defaults/training-data.js";
import { isMapping, issueAt, type Issue, type Path } from "../errors/issue.js";

/** The keys of each form of a document's text; a data set has at most one form. */
const forms: readonly (readonly string[])[] = [["field"], ["template"], ["prompt", "completion"], ["messages"]];
const formsText = "exactly one of field, template, prompt with completion, messages";

/** Data sets with several forms of text, or with half of a pair. */
export function textIssues(recipe: unknown): Issue[] {
  return Object.entries(datasetsOf(recipe)).flatMap(([name, set]) =>
    isMapping(set) ? [...formIssues(["data", name], set), ...pairIssues(["data", name], set)] : [],
  );
}

function formIssues(path: Path, set: Readonly<Record<string, unknown>>): Issue[] {
  const given = forms.flatMap((keys) => keys.filter((key) => key in set).slice(0, 1));
  if (given.length <= 1) return [];
  const hint = given.includes("messages")
    ? "Keep one of them: the tokenizer's chat template formats messages."
    : "Keep one of them: a template can contain a field as {field}.";
  return [{ path: [...path, given[1]], atKey: true, expected: formsText, got: given.join(" and "), hint }];
}

function pairIssues(path: Path, set: Readonly<Record<string, unknown>>): Issue[] {
  const [hasPrompt, hasCompletion] = ["prompt" in set, "completion" in set];
  const issues: Issue[] = [];
  if (hasPrompt !== hasCompletion) {
    const [given, missing] = hasPrompt ? ["prompt", "completion"] : ["completion", "prompt"];
    issues.push({
      path: [...path, given],
      atKey: true,
      expected: "prompt and completion together",
      got: `no ${missing}`,
      hint: `Add \`${missing}:\`, or use \`template:\` for a text that is not divided.`,
    });
  }
  if (set.lossOn === "completions" && !hasCompletion && !("messages" in set) && !presetHasCompletion(set)) {
    const hint = "Divide the text into `prompt:` and `completion:`; the completion is what is predicted.";
    issues.push(
      issueAt([...path, "lossOn"], "all where there is neither `completion` nor `messages`", set.lossOn, hint),
    );
  }
  if (typeof set.prompt === "string" && hasCompletion && set.prompt.endsWith(" ")) {
    const hint = "Move the space to the start of the completion: tokens of words include the space before them.";
    issues.push(issueAt([...path, "prompt"], "no space at the end of a prompt", set.prompt, hint));
  }
  return issues;
}

function presetHasCompletion(set: Readonly<Record<string, unknown>>): boolean {
  if (forms.flat().some((key) => key in set) || typeof set.preset !== "string") return false;
  const preset = Object.hasOwn(datasetPresets, set.preset) ? datasetPresets[set.preset] : undefined;
  return preset !== undefined && "completion" in preset.text;
}
