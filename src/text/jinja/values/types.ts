import { PythonFloat } from "../../python-float.js";
import { failure, type TemplateError } from "../template-error.js";
import { Dict, Markup, Namespace, PythonObject, Tuple, Undefined, type Value } from "./value.js";

/** The name of a value's Python type. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number" || typeof value === "bigint") return "int";
  if (value instanceof PythonFloat) return "float";
  if (Array.isArray(value)) return "list";
  if (value instanceof Dict) return "dict";
  if (value instanceof Tuple) return "tuple";
  if (value instanceof Markup) return "Markup";
  if (value instanceof Undefined) return "Undefined";
  return value instanceof Namespace ? "Namespace" : value.type;
}

/** The error of an operation on something undefined. */
export function undefinedError({ hint, name, owner }: Undefined): TemplateError {
  if (hint !== null) return failure(hint.endsWith("is unsafe.") ? "SecurityError" : "UndefinedError", hint);
  const named = typeof name === "string" ? `'${name}'` : String(name);
  if (owner === undefined) return failure("UndefinedError", `${named} is undefined`);
  const object = owner === null ? "None" : `${typeName(owner)} object`;
  const message =
    typeof name === "string" ? `'${object}' has no attribute ${named}` : `${object} has no element ${named}`;
  return failure("UndefinedError", message);
}

export function isTrue(value: Value): boolean {
  if (typeof value === "boolean") return value;
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === "string") return value !== "";
  if (typeof value === "number") return value !== 0;
  if (typeof value === "bigint") return true;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof PythonFloat) return value.value !== 0;
  if (value instanceof Markup) return value.text !== "";
  if (value instanceof PythonObject) return value.protocol.length === undefined || value.protocol.length() > 0;
  return true;
}

/** The text of a str, Markup included; null for another type. */
export function textOf(value: Value): string | null {
  if (typeof value === "string") return value;
  return value instanceof Markup ? value.text : null;
}

/** An int or a bool as a number or bigint; null for another type. */
export function intOf(value: Value): number | bigint | null {
  if (typeof value === "number" || typeof value === "bigint") return value;
  return typeof value === "boolean" ? Number(value) : null;
}

/** The exact int as a value: a number if it is a safe integer. */
export function toInt(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
