import { isUtf8 } from "node:buffer";
import type { SchemaTree } from "hyparquet/src/types.js";
import { isListLike } from "hyparquet/src/schema.js";
import { orderedObject } from "../../../../text/ordered-object.js";
import { formatNumber, PythonFloat } from "../../../../text/python-float.js";
import { notUtf8, type ReadRecord } from "../../read-record.js";
import { maxRecordBytes, tooLong } from "../read-bytes.js";
import { bytesOf, isTextElement, isUndecoded, leafValue, wholeNumber, type UndecodedText } from "./leaf-values.js";

export type TableRow = Readonly<Record<string, unknown>>;

/** Replaces the bytes of a text that is too long to hold in memory. */
export const tooLongBytes = new Uint8Array();

/** What is wrong with the texts of a row. */
interface RowFaults {
  notText: boolean;
  tooLong: boolean;
}

type Convert = (value: unknown) => unknown;

/**
 * Converts rows to records: lists become arrays, structs and maps objects, dates, times and decimals the text that
 * Python prints, and missing values null. Bytes that are not text remain bytes.
 *
 * @param exactNumbers  as in `FileOptions`
 */
export function rowConverter(
  columns: readonly SchemaTree[],
  exactNumbers: boolean,
): (where: string, row: TableRow) => ReadRecord {
  const faults: RowFaults = { notText: false, tooLong: false };
  const converters = columns.map((node) => [node.element.name, converterOf(node, exactNumbers, faults)] as const);
  return (where, row) => {
    [faults.notText, faults.tooLong] = [false, false];
    const record = Object.fromEntries(converters.map(([name, convert]) => [name, convert(row[name])]));
    if (faults.notText) return notUtf8(where);
    if (faults.tooLong) return tooLong(where, "Split this text into several rows, or remove it.");
    return { record, where };
  };
}

function converterOf(node: SchemaTree, exactNumbers: boolean, faults: RowFaults): Convert {
  const convert = presentConverter(node, exactNumbers, faults);
  return (value) => (value === undefined || value === null ? null : convert(value));
}

/** For values that are not missing. */
function presentConverter(node: SchemaTree, exactNumbers: boolean, faults: RowFaults): Convert {
  const { element, children } = node;
  const of = (child: SchemaTree) => converterOf(child, exactNumbers, faults);
  if (element.logical_type?.type === "VARIANT") return (value) => plainValue(value, faults);
  const entries = mapEntries(node);
  if (entries !== null) {
    const [key, value] = entries.children.map(of);
    const [keyName, valueName] = entries.children.map((child) => child.element.name);
    return (map) =>
      orderedObject(
        (map as Record<string, TableRow[]>)[entries.element.name].map((entry) => [
          keyText(key(entry[keyName])),
          value(entry[valueName]),
        ]),
      );
  }
  if (isListLike(node)) {
    const [list] = node.children;
    const item = of(list.children.length === 1 ? list.children[0] : list);
    return (values) => (values as unknown[]).map(item);
  }
  const single = children.length > 0 ? structConverter(children, of) : textOrLeaf(node, exactNumbers, faults);
  // A field that repeats without being declared a list.
  return (value) => (Array.isArray(value) ? value.map(single) : single(value));
}

function structConverter(children: readonly SchemaTree[], of: (child: SchemaTree) => Convert): Convert {
  const members = children.map((child) => [child.element.name, of(child)] as const);
  return (struct) => orderedObject(members.map(([name, convert]) => [name, convert((struct as TableRow)[name])]));
}

function textOrLeaf({ element }: SchemaTree, exactNumbers: boolean, faults: RowFaults): Convert {
  const leaf = leafValue(element, exactNumbers);
  const mustBeText = isTextElement(element);
  return (value) => {
    if (!isUndecoded(value)) return leaf(value);
    return mustBeText || isUtf8(bytesOf(value)) ? decode(value, faults) : bytesOf(value);
  };
}

/** The group with key and value of each entry of a map; null if the column is not a map. */
export function mapEntries({ element, children }: SchemaTree): SchemaTree | null {
  const isMap = element.converted_type === "MAP" || element.converted_type === "MAP_KEY_VALUE";
  if ((!isMap && element.logical_type?.type !== "MAP") || children.length !== 1) return null;
  const [entries] = children;
  return entries.element.repetition_type === "REPEATED" && entries.children.length === 2 ? entries : null;
}

function keyText(key: unknown): string {
  if (typeof key === "number" || typeof key === "bigint" || key instanceof PythonFloat) return formatNumber(key);
  return typeof key === "boolean" ? (key ? "True" : "False") : String(key);
}

/** A value whose type is not in the schema. */
function plainValue(value: unknown, faults: RowFaults): unknown {
  if (value === undefined) return null;
  if (typeof value === "bigint") return wholeNumber(value);
  if (Array.isArray(value)) return value.map((inner) => plainValue(inner, faults));
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (isUndecoded(value)) return decode(value, faults);
  return orderedObject(Object.entries(value).map(([key, inner]) => [key, plainValue(inner, faults)]));
}

function decode(text: UndecodedText, faults: RowFaults): string {
  const bytes = bytesOf(text);
  faults.notText ||= !isUtf8(bytes);
  faults.tooLong ||= bytes === tooLongBytes || bytes.length > maxRecordBytes;
  if (faults.notText || faults.tooLong) return "";
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
