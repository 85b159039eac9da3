import { mergeError, shownValue } from "../merge-error.js";
import { checkMapping, member, textOf, whereOf, type Field } from "./fields.js";
import { parseModelReference, type ModelPath, type ModelReference } from "./model-reference.js";

/** Reads a model as text, or as mergekit's mapping with `model`, `lora`, `path` and `revision`. */
export function readReference(field: Field): ModelReference {
  const { value } = field;
  if (typeof value === "string") return parseModelReference(value, whereOf(field));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw mergeError(
      whereOf(field),
      "a model",
      shownValue(value),
      "Write a folder or an id of the hub, in quotes if it looks like a number.",
    );
  }
  checkMapping(field, ["model", "lora"], "a model");
  const model = member(field, "model");
  if (model === null) throw mergeError(whereOf(field), "model with a path", "nothing", "Add `model: PATH`.");
  const lora = member(field, "lora");
  return { ...readPath(model), lora: lora === null ? null : readPath(lora) };
}

function readPath(field: Field): ModelPath {
  if (typeof field.value === "string") {
    const { lora, ...path } = parseModelReference(field.value, whereOf(field));
    if (lora === null) return path;
    throw mergeError(
      whereOf(field),
      "a path without an adapter",
      JSON.stringify(field.value),
      "Name the adapter as `lora`.",
    );
  }
  checkMapping(field, ["path", "revision"], "a path");
  const path = member(field, "path");
  if (path === null) throw mergeError(whereOf(field), "path", "nothing", "Add `path: …`.");
  const revision = member(field, "revision");
  return { path: textOf(path, "a path"), revision: revision === null ? null : textOf(revision, "a revision") };
}
