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
import { parseYamlDocument } from "./yaml-document.js";

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

export function parseMergeConfig(text: string, file: string, methods: MethodTable): MergeConfig {
  const document = parseYamlDocument(text.replace(/^\uFEFF/, ""), file);
  const root: Field = { value: document.value, path: [], document };
  checkMapping(root, keys, "a merge configuration");
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
