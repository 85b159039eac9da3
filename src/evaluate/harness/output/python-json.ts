import { PythonFloat } from "../../../text/python-float.js";
import { writeJson } from "../../../text/jinja/format/json.js";
import { toText } from "../../../text/jinja/values/text.js";
import { Dict, Markup, Tuple, type Value } from "../../../text/jinja/values/value.js";

/** Python's `json.dumps(value, ensure_ascii=False, default=str)`. */
export function dumpJson(value: Value): string {
  return dump(value, null, ", ");
}

/** Python's `json.dumps(value, indent=2, ensure_ascii=False, default=str)`. */
export function dumpIndentedJson(value: Value): string {
  return dump(value, "  ", ",");
}

function dump(value: Value, indent: string | null, itemSeparator: string): string {
  return writeJson(printable(value), { ascii: false, indent, itemSeparator, keySeparator: ": ", sortKeys: false });
}

/** The value with `str(part)` in place of each part that JSON does not have. */
function printable(value: Value): Value {
  if (Array.isArray(value)) return value.map(printable);
  if (value instanceof Tuple) return value.items.map(printable);
  if (value instanceof Dict) return new Dict(Array.from(value.items(), ([key, item]) => [key, printable(item)]));
  return typeof value !== "object" || value === null || value instanceof PythonFloat || value instanceof Markup
    ? value
    : toText(value);
}
