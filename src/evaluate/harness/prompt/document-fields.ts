import { StrataError } from "../../../errors/strata-error.js";
import { PythonFloat } from "../../../text/python-float.js";
import { repr, toText } from "../../../text/jinja/values/text.js";
import { Tuple, type Dict, type Value } from "../../../text/jinja/values/value.js";
import { FunctionName } from "../config/task-yaml.js";
import type { Field, Fields } from "../config/task-config.js";
import { valueFunction } from "../functions/find-function.js";
import { pythonLiteral } from "./python-literal.js";
import { renderTemplate } from "./templates.js";

/** A document's question, answer and choices. `where` names the document in errors. */
export interface DocumentFields {
  /** A number is the index of the choice that is right, where the choices are part of the question. */
  text(doc: Dict, where: string): string | number;
  target(doc: Dict, where: string): Value;
  /** Null if the task has none. */
  choices(doc: Dict, where: string): string[] | null;
}

/**
 * Reads documents as the fields of a task file say.
 *
 * @param columns  of the data set: a field with the name of one is its value
 * @param file     the task file, for errors
 */
export function documentFields({ text, target, choices }: Fields, columns: ReadonlySet<string>, file: string) {
  const hasChoices = choices !== null;
  const valueOf = (field: Field, key: string, doc: Dict, where: string): Value | Rendered => {
    if (field instanceof FunctionName) return valueFunction(field, `${file} ${key}`)(doc);
    if (typeof field !== "string") return typeof field === "number" ? field : [...field];
    if (columns.has(field)) return doc.get(field) ?? null;
    return new Rendered(renderTemplate(field, doc, `${where} ${key} of ${file}`));
  };
  const fields: DocumentFields = {
    text(doc, where) {
      const value = valueOf(text, "doc_to_text", doc, where);
      if (value instanceof Rendered) return hasChoices && isDigits(value.text) ? Number(value.text) : value.text;
      if (typeof value === "string" || typeof value === "number") return value;
      throw wrong(`${where} doc_to_text`, "a text", value);
    },
    target(doc, where) {
      const value = valueOf(target, "doc_to_target", doc, where);
      return value instanceof Rendered ? targetOf(value.text, hasChoices) : value;
    },
    choices(doc, where) {
      if (choices === null) return null;
      const value = valueOf(choices, "doc_to_choice", doc, where);
      const list = value instanceof Rendered ? literalOf(value.text, `${where} doc_to_choice`) : value;
      const items = list instanceof Tuple ? list.items : list;
      if (Array.isArray(items) && items.length > 0 && items.every(isTextOrNumber)) return items.map(toText);
      throw wrong(`${where} doc_to_choice`, "a list of texts", list);
    },
  };
  return fields;
}

function isTextOrNumber(value: Value): boolean {
  return typeof value === "string" || typeof value === "number" || value instanceof PythonFloat;
}

/** What a template printed. */
class Rendered {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Python's `isdigit`, for the digits that `int` reads. */
function isDigits(text: string): boolean {
  return /^\p{Nd}+$/u.test(text);
}

function targetOf(text: string, hasChoices: boolean): Value {
  if (hasChoices && isDigits(text)) return Number(text);
  if (text.length < 2 || !text.startsWith("[") || !text.endsWith("]")) return text;
  try {
    return pythonLiteral(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function literalOf(text: string, where: string): Value {
  try {
    return pythonLiteral(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw wrong(where, "a template that prints a list", text);
  }
}

function wrong(where: string, expected: string, value: Value): StrataError {
  const text = typeof value === "string" ? JSON.stringify(value) : repr(value);
  const got = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return new StrataError("EvaluationError", { where, expected, got, hint: "Correct the data or the task file." });
}
