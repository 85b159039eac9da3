import { readFileSync } from "node:fs";
import { suggestName } from "../../errors/nearest-name.js";
import { fileError } from "../../files/atomic-file.js";
import type { MergeMethod } from "../core/method.js";
import { mergeError, shownValue } from "../merge-error.js";
import { checkMapping, member, textOf, whereOf, type Field } from "./fields.js";
import type { ConfigDType, MergeConfig } from "./merge-config.js";
import { readModules } from "./read-modules.js";
import { readParameters, type ParameterRules } from "./read-parameters.js";
import { readReference } from "./read-reference.js";
import { readTokenizerSetting } from "./read-tokenizer.js";
import { parseYamlDocuments, type YamlDocument } from "./yaml-document.js";

export type MethodTable = readonly MergeMethod[];

const keys = [
  "merge_method",
  "models",
  "slices",
  "modules",
  "base_model",
  "parameters",
  "dtype",
  "out_dtype",
  "tokenizer_source",
  "tokenizer",
  "chat_template",
  "name",
];

/** Reads and checks a configuration file of mergekit. @throws StrataError for the first thing that is wrong */
export function readMergeConfig(file: string, methods: MethodTable): MergeConfig {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    throw fileError(file, "read the configuration", error);
  }
  return parseMergeConfig(text, file, methods);
}

/**
 * Several documents are merges whose results others name as models: the output is that of the document without a name,
 * or of the last one.
 */
export function parseMergeConfig(text: string, file: string, methods: MethodTable): MergeConfig {
  const documents = parseYamlDocuments(text.replace(/^\uFEFF/, ""), file);
  const named = documents.map((document) => {
    const root: Field = { value: document.value, path: [], document };
    checkMapping(root, keys, "a merge configuration");
    return { document, root, name: documents.length > 1 ? nameOf(root) : null };
  });
  const unnamed = named.filter(({ name }) => name === null);
  if (unnamed.length > 1) {
    const hint = "Give each document a `name` by which a later one takes its result as a model; the last needs none.";
    throw mergeError(whereOf(unnamed[0].root), "one document without a name", `${unnamed.length}`, hint);
  }
  const last = unnamed[0] ?? named.at(-1);
  const earlier = new Map<string, MergeConfig>();
  for (const { document, root, name } of named) {
    if (document === last.document) continue;
    if (earlier.has(name as string) || name === last.name)
      throw mergeError(whereOf(root), "names that differ", `two documents named ${name}`, "Rename one of them.");
    earlier.set(name as string, readDocument(document, { text, file, methods, earlier }));
  }
  return readDocument(last.document, { text, file, methods, earlier });
}

function nameOf(root: Field): string | null {
  const field = member(root, "name");
  return field === null ? null : textOf(field, "the name of a result");
}

interface DocumentRules {
  readonly text: string;
  readonly file: string;
  readonly methods: MethodTable;
  readonly earlier: ReadonlyMap<string, MergeConfig>;
}

function readDocument(document: YamlDocument, { text, file, methods, earlier }: DocumentRules): MergeConfig {
  const root: Field = { value: document.value, path: [], document };
  const method = readMethod(root, methods);
  const notes = new Set<string>();
  const all = methods.flatMap((of) => [...Object.keys(of.parameters), ...Object.keys(of.inputParameters)]);
  const rules: ParameterRules = { method, known: new Set(all), note: (note) => notes.add(note) };
  const baseModel = member(root, "base_model");
  const template = member(root, "chat_template");
  return {
    file,
    text,
    method,
    modules: readModules(root, rules),
    baseModel: baseModel === null ? null : readReference(baseModel),
    parameters: readParameters(member(root, "parameters"), rules, false),
    dtype: readDType(member(root, "dtype")),
    outDType: readDType(member(root, "out_dtype")),
    tokenizer: readTokenizerSetting(root),
    chatTemplate: template === null ? null : textOf(template, "a chat template: auto, a name, or Jinja"),
    earlier,
    notes: [...notes],
  };
}

function readMethod(root: Field, methods: MethodTable): MergeMethod {
  const field = member(root, "merge_method");
  const names = methods.map((method) => method.name);
  const choices = `Choose one of ${names.join(", ")}.`;
  if (field === null) throw mergeError(whereOf(root), "merge_method", "nothing", choices);
  const name = textOf(field, "the name of a merge method");
  const found = methods.find((method) => method.name === name);
  if (found !== undefined) return found;
  throw mergeError(whereOf(field), "a merge method", JSON.stringify(name), suggestName(name, names) ?? choices);
}

const dtypes: Readonly<Record<string, ConfigDType>> = { float32: "f32", bfloat16: "bf16", float16: "f16" };

function readDType(field: Field | null): ConfigDType | null {
  if (field === null) return null;
  const name = typeof field.value === "string" ? field.value.replace(/^torch\./, "") : null;
  if (name !== null && Object.hasOwn(dtypes, name)) return dtypes[name];
  const names = Object.keys(dtypes);
  const hint =
    name === "int64"
      ? "Weights are merged as floating-point numbers: choose one of the three."
      : ((name === null ? null : suggestName(name, names)) ?? "Strata computes and writes these three.");
  throw mergeError(whereOf(field), "float32, bfloat16 or float16", shownValue(field.value), hint);
}
