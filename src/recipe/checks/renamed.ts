import { renamedDevices } from "../../device/devices.js";
import { isMapping, type Issue, type Path } from "../errors/issue.js";
import { keysOf, nodesAt, recipeJsonSchema } from "../schema/json-schema.js";

/** Keys of earlier versions, wherever they occur. */
export const renamedKeys: Readonly<Record<string, string>> = {
  answer: "completion",
  clip: "maxGradNorm",
  curve: "evaluateAt",
  feedForwardWidth: "intermediateSize",
  first: "limit",
  generate: "synthetic",
  headWidth: "headDim",
  items: "limit",
  keepOptimizer: "keepOptimizerState",
  maximumBytes: "maxBytes",
  maximumPositions: "maxPositions",
  maximumTokens: "maxTokens",
  microBatch: "microBatchSize",
  normEpsilon: "rmsNormEps",
  outer: "outerOptimizer",
  ownShare: "trainedShare",
  queryHeads: "attentionHeads",
  recompute: "activationCheckpointing",
  scale: "lambda",
  skipBad: "maxBadRecords",
  tiedHead: "tieWordEmbeddings",
  validation: "holdOut",
  vocabularySize: "vocabSize",
  width: "hiddenSize",
};

/** Keys of data sets in earlier versions that are now keys of the recipe itself. */
export const movedKeys: Readonly<Record<string, string>> = {
  validation: "holdOut",
};

/** Values of earlier versions, by their key. */
export const renamedValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  device: renamedDevices,
  lossOn: { answers: "completions" },
};

/** Kinds of evaluations in earlier versions, each with a task of that kind. */
export const formerKinds: Readonly<Record<string, string>> = {
  "exact-match": "gsm8k",
  "multiple-choice": "hellaswag",
};

/** The suffix of a window. */
const renamedSuffix = { old: "+outer", new: "+embeddings" };

/** A recipe with the current names. */
export interface Renamed {
  readonly value: unknown;
  /** One per old name. */
  readonly issues: readonly Issue[];
  /** A path of `value` with the names of the recipe as written. */
  readonly writtenPath: (path: Path) => Path;
}

/** @param recipe  as written; not modified */
export function replaceOldNames(recipe: unknown): Renamed {
  const pass: Pass = { issues: [], written: new Map() };
  const value = replaced(recipe, [], pass);
  const writtenKey = (path: Path) => pass.written.get(JSON.stringify(path)) ?? path[path.length - 1];
  return { value, issues: pass.issues, writtenPath: (path) => path.map((_, i) => writtenKey(path.slice(0, i + 1))) };
}

interface Pass {
  readonly issues: Issue[];
  /** Old keys, by the JSON of the path with current names. */
  readonly written: Map<string, string>;
}

function replaced(value: unknown, path: Path, pass: Pass): unknown {
  if (typeof value === "string") return replacedText(value, path, pass.issues);
  if (Array.isArray(value)) return value.map((item: unknown, i) => replaced(item, [...path, i], pass));
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    if (path.length === 2 && path[0] === "data" && Object.hasOwn(movedKeys, key)) {
      pass.issues.push(movedIssue([...path, key], key, movedKeys[key]));
      return [];
    }
    const now = currentKey(key, value, path);
    const inner = replaced(child, [...path, now], pass);
    if (now === key) return [[key, inner]];
    pass.issues.push(renamedIssue([...path, now], true, key, now));
    if (now in value) return [];
    pass.written.set(JSON.stringify([...path, now]), key);
    return [[now, inner]];
  });
  return path.length === 2 && path[0] === "evaluation"
    ? withoutFormerKind(Object.fromEntries(entries), path, pass)
    : Object.fromEntries(entries);
}

/** An evaluation of an earlier version as a task, so that its other mistakes are found, too. */
function withoutFormerKind(evaluation: Readonly<Record<string, unknown>>, path: Path, pass: Pass): unknown {
  const { kind, ...others } = evaluation;
  if (typeof kind !== "string" || !Object.hasOwn(formerKinds, kind)) return evaluation;
  const task = formerKinds[kind];
  const hint =
    `Evaluations of this kind are tasks now: write \`task: ${task}\` in place of it, or another one of \`strata eval ` +
    "--tasks list`. A task has its number of examples; `fewShot: 0` means none.";
  pass.issues.push({ path: [...path, "task"], atKey: false, expected: "a task", got: JSON.stringify(kind), hint });
  pass.written.set(JSON.stringify([...path, "task"]), "kind");
  return { fewShot: 0, ...others, task };
}

/** Applies only where the new name is a key of the schema; data sets may have any name. */
function currentKey(key: string, around: Readonly<Record<string, unknown>>, path: Path): string {
  const isPair = key === "template" && ("answer" in around || "completion" in around);
  const now = isPair ? "prompt" : Object.hasOwn(renamedKeys, key) ? renamedKeys[key] : key;
  if (now === key) return key;
  const known = nodesAt(recipeJsonSchema(), path).flatMap(keysOf);
  return known.includes(now) && (isPair || !known.includes(key)) ? now : key;
}

function replacedText(text: string, path: Path, issues: Issue[]): string {
  const values = renamedValues[String(path.at(-1))] ?? {};
  let now = Object.hasOwn(values, text) ? values[text] : text;
  if (path.at(-2) === "windows" && text.endsWith(renamedSuffix.old)) {
    now = text.slice(0, -renamedSuffix.old.length) + renamedSuffix.new;
  }
  if (now !== text) issues.push(renamedIssue(path, false, text, now));
  return now;
}

function movedIssue(path: Path, old: string, now: string): Issue {
  const hint = `\`${old}\` was renamed to \`${now}\`, a key of the recipe itself: write it once, at the top level.`;
  return { path, atKey: true, expected: `${now} in place of it`, got: JSON.stringify(old), hint };
}

function renamedIssue(path: Path, atKey: boolean, old: string, now: string): Issue {
  return { path, atKey, expected: now, got: JSON.stringify(old), hint: `\`${old}\` was renamed to \`${now}\`.` };
}
