import { writeJson } from "../format/json.js";
import { typeError } from "../template-error.js";
import { index } from "../values/range.js";
import { isTrue, textOf, typeName } from "../values/types.js";
import type { Value } from "../values/value.js";
import { filter, type FilterFunction } from "./filter.js";
import { unpack } from "./unpack.js";

function separatorText(value: Value): string {
  const text = textOf(value);
  if (text === null) throw typeError(`a separator must be a str, not ${typeName(value)}`);
  return text;
}

/** transformers' `tojson`: Python's `json.dumps`, without escapes of HTML. */
export const jsonFilter: FilterFunction = filter(
  "tojson",
  [
    ["ensure_ascii", false],
    ["indent", null],
    ["separators", null],
    ["sort_keys", false],
  ],
  (value, [ascii, indentValue, separators, sortKeys]) => {
    const indent = indentValue === null ? null : (textOf(indentValue) ?? " ".repeat(Math.max(0, index(indentValue))));
    const [itemSeparator, keySeparator] =
      separators === null ? [indent === null ? ", " : ",", ": "] : unpack(separators, 2).map(separatorText);
    return writeJson(value, { ascii: isTrue(ascii), indent, itemSeparator, keySeparator, sortKeys: isTrue(sortKeys) });
  },
);
