import { PythonFloat } from "../../python-float.js";
import { strFormat, type FieldAccess } from "../format/str-format.js";
import {
  changingDictMethods,
  changingListMethods,
  dictMethods,
  listMethods,
  sequenceMethods,
} from "../methods/collections.js";
import { floatAttribute, floatMethods, intAttribute, intMethods } from "../methods/numbers.js";
import { caseMethods } from "../methods/text-case.js";
import { editMethods } from "../methods/text-edit.js";
import { searchMethods } from "../methods/text-search.js";
import { splitMethods } from "../methods/text-split.js";
import { typeError, unsupported } from "../template-error.js";
import { characters } from "../values/code-points.js";
import { bind, type Method, type Methods } from "../values/functions.js";
import { intOf, typeName, undefinedError } from "../values/types.js";
import {
  type CallArguments,
  Dict,
  Markup,
  Namespace,
  PythonObject,
  Tuple,
  Undefined,
  type Value,
} from "../values/value.js";
import { position } from "./slices.js";

const textMethods: Methods<string> = { ...searchMethods, ...splitMethods, ...caseMethods, ...editMethods };

const fieldAccess: FieldAccess = { attribute: getAttribute, item: getItem };

/** Jinja's `value.name`: the attribute, else the item, else undefined. */
export function getAttribute(value: Value, name: string): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  let found = value instanceof Dict && !isDictAttribute(name) ? undefined : attribute(value, name);
  if (found === undefined) found = item(value, name);
  return found === undefined ? new Undefined(name, value) : found;
}

/** Jinja's `value[key]`: the item, else the attribute, else undefined. */
export function getItem(value: Value, key: Value): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  let found = item(value, key);
  if (found === undefined && typeof key === "string") found = attribute(value, key);
  return found === undefined ? new Undefined(key, value) : found;
}

function isHashable(key: Value): boolean {
  return !Array.isArray(key) && !(key instanceof Dict);
}

/** Undefined if there is none, or Python raises a TypeError. */
function item(value: Value, key: Value): Value | undefined {
  if (value instanceof Dict) return isHashable(key) ? value.get(key) : undefined;
  if (Array.isArray(value)) return itemAt(value, key);
  if (value instanceof Tuple) return itemAt(value.items, key);
  if (typeof value === "string") return intOf(key) === null ? undefined : itemAt(characters(value), key);
  if (value instanceof Markup) {
    const char = intOf(key) === null ? undefined : itemAt(characters(value.text), key);
    return char === undefined ? undefined : new Markup(char as string);
  }
  return value instanceof PythonObject ? value.protocol.item?.(key) : undefined;
}

function itemAt(items: readonly Value[], key: Value): Value | undefined {
  const at = position(items.length, key);
  return at === null ? undefined : items[at];
}

/** The attributes with two underscores around their name that dicts have. */
const objectAttributes = new Set(
  (
    "class delattr dir doc eq format ge getattribute gt hash init init_subclass le lt ne new reduce " +
    "reduce_ex repr setattr sizeof str subclasshook contains getitem iter len reversed setitem delitem or " +
    "ror ior class_getitem"
  )
    .split(" ")
    .map((name) => `__${name}__`),
);

/** Whether a dict has an attribute of this name, so that `dict.name` is not its item. */
export function isDictAttribute(name: string): boolean {
  return Object.hasOwn(dictMethods, name) || changingDictMethods.includes(name) || objectAttributes.has(name);
}

/** The attribute of a value's type; undefined if it has none. The sandbox makes unsafe attributes undefined values. */
function attribute(value: Value, name: string): Value | undefined {
  if (name.startsWith("_") && !(value instanceof Namespace))
    return objectAttributes.has(name) ? unsafe(value, name) : undefined;
  if (typeof value === "string") return textAttribute(value, name);
  if (value instanceof Markup) return markupAttribute(name);
  if (value instanceof Dict)
    return changingDictMethods.includes(name) ? unsafe(value, name) : bound(value, name, dictMethods);
  if (Array.isArray(value))
    return changingListMethods.includes(name) ? unsafe(value, name) : bound(value, name, listMethods);
  if (value instanceof Tuple)
    return value.names.includes(name) ? namedItem(value, name) : bound(value.items, name, sequenceMethods);
  if (value instanceof Namespace) return value.attributes.get(name);
  if (value instanceof PythonObject) return value.protocol.attribute?.(name);
  if (value instanceof PythonFloat) return floatAttribute(value, name) ?? bound(value, name, floatMethods);
  const int = intOf(value);
  return int === null ? undefined : (intAttribute(int, name) ?? bound(int, name, intMethods));
}

function unsafe(value: Value, name: string): Undefined {
  return new Undefined(name, value, `access to attribute '${name}' of '${typeName(value)}' object is unsafe.`);
}

function namedItem(tuple: Tuple, name: string): Value {
  return tuple.items[tuple.names.indexOf(name)];
}

function textAttribute(text: string, name: string): Value | undefined {
  if (name !== "format" && name !== "format_map") return bound(text, name, textMethods);
  return new PythonObject("builtin_function_or_method", { call: (args) => format(text, name, args) });
}

function markupAttribute(name: string): Value | undefined {
  if (!Object.hasOwn(textMethods, name) && !["format", "format_map", "striptags", "unescape", "escape"].includes(name))
    return undefined;
  throw unsupported(`the method ${name} of escaped text`);
}

function format(text: string, name: string, args: CallArguments): Value {
  if (name === "format") return strFormat(text, args, fieldAccess);
  const [mapping] = bind(name, { parameters: ["mapping"], named: false }, args);
  if (!(mapping instanceof Dict)) throw unsupported("format_map of another type than a dict");
  const named = new Map<string, Value>();
  for (const [key, value] of mapping.items()) if (typeof key === "string") named.set(key, value);
  return strFormat(text, { positional: [], named }, fieldAccess);
}

function bound<Self>(self: Self, name: string, methods: Methods<Self>): Value | undefined {
  if (!Object.hasOwn(methods, name)) return undefined;
  const found = methods[name];
  return new PythonObject("builtin_function_or_method", { call: (args) => callBound(self, name, found, args) });
}

function callBound<Self>(self: Self, name: string, found: Method<Self>, args: CallArguments): Value {
  return found.run(self, bind(name, found, args));
}

/** Python's `value(arguments)`. */
export function callValue(value: Value, args: CallArguments): Value {
  if (value instanceof PythonObject && value.protocol.call !== undefined) return value.protocol.call(args);
  throw value instanceof Undefined ? undefinedError(value) : typeError(`'${typeName(value)}' object is not callable`);
}

/** `value.name(arguments)`, without an object for the method where the value is a text. */
export function callMethod(value: Value, name: string, args: CallArguments): Value {
  if (typeof value === "string" && Object.hasOwn(textMethods, name))
    return callBound(value, name, textMethods[name], args);
  return callValue(getAttribute(value, name), args);
}
