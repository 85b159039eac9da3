import type { BadRecord } from "../../read-record.js";
import { parsePythonJson } from "./python-json.js";

/** The text of one record and the line where it begins, from 1; or its error. */
export type JsonText =
  | {
      readonly text: string;
      readonly line: number;
      /** The value, if the text was parsed already; null if the text is known to be invalid. */
      readonly parsed?: { readonly value: unknown } | null;
      /** Whether the value is an element of the file's first array, where a string is a record. */
      readonly isElement?: boolean;
    }
  | BadRecord;

/** @returns null if the text is not JSON; `NaN` and infinities are numbers, as for Python */
export function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    if (!/NaN|Infinity/.test(text)) return null;
  }
  try {
    return { value: parsePythonJson(text) };
  } catch {
    return null;
  }
}
