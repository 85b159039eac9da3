import { percentFormat } from "../format/percent-format.js";
import { calculate } from "../operators/arithmetic.js";
import { capitalize } from "../methods/text-case.js";
import { center, replace, strip } from "../methods/text-edit.js";
import { splitFromEnd } from "../methods/text-split.js";
import { failure, typeError, unsupported } from "../template-error.js";
import { characters, lengthOf } from "../values/code-points.js";
import { length } from "../values/iterate.js";
import { index } from "../values/range.js";
import { toText } from "../values/text.js";
import { isTrue, textOf, typeName } from "../values/types.js";
import { Dict, Markup, Tuple, type Value } from "../values/value.js";
import { linesWithEnds, whitespace, withoutLineEnd } from "../values/whitespace.js";
import { filter, type FilterFunction } from "./filter.js";
import { wrapText } from "./wrap-text.js";

/** The text of a value; escaped text is refused, because its methods escape. */
function plainText(value: Value, name: string): string {
  if (value instanceof Markup) throw unsupported(`the filter "${name}" of escaped text`);
  return toText(value);
}

/** @throws TemplateError if the value is not a str */
function requireString(value: Value, name: string): string {
  const text = textOf(value);
  if (text === null) throw typeError(`the filter "${name}" needs a str, not ${typeName(value)}`);
  return plainText(value, name);
}

function title(text: string): string {
  return text
    .split(new RegExp(`([-${whitespace}({\\[<]+)`))
    .map((word) => {
      const [first = "", ...rest] = characters(word);
      return first.toUpperCase() + rest.join("").toLowerCase();
    })
    .join("");
}

function indent(text: string, width: Value, first: boolean, blank: boolean): string {
  const indention = textOf(width) ?? " ".repeat(Math.max(0, index(width)));
  const lines = linesWithEnds(`${text}\n`).map(withoutLineEnd);
  const indented = lines.map((line, i) => (i > 0 && (blank || line !== "") ? indention + line : line)).join("\n");
  return first ? indention + indented : indented;
}

function truncate(value: Value, [lengthValue, killWords, endValue, leewayValue]: readonly Value[]): Value {
  const end = toText(endValue);
  const limit = index(lengthValue);
  const leeway = leewayValue === null ? 5 : index(leewayValue);
  if (limit < length(endValue)) throw failure("AssertionError", `expected length >= ${lengthOf(end)}, got ${limit}`);
  if (leeway < 0) throw failure("AssertionError", `expected leeway >= 0, got ${leeway}`);
  if (length(value) <= limit + leeway) return value;
  const text = requireString(value, "truncate");
  const cut = characters(text)
    .slice(0, limit - lengthOf(end))
    .join("");
  return (isTrue(killWords) ? cut : (splitFromEnd(cut, " ", 1)[0] ?? "")) + end;
}

const formatFilter: FilterFunction = (value, { positional, named }) => {
  if (positional.length > 0 && named.size > 0)
    throw failure("FilterArgumentError", "can't handle positional and keyword arguments at the same time");
  return percentFormat(plainText(value, "format"), named.size > 0 ? new Dict(named) : new Tuple(positional));
};

export const textFilters: Readonly<Record<string, FilterFunction>> = {
  upper: filter("upper", [], (value) => plainText(value, "upper").toUpperCase()),
  lower: filter("lower", [], (value) => plainText(value, "lower").toLowerCase()),
  capitalize: filter("capitalize", [], (value) => capitalize(plainText(value, "capitalize"))),
  title: filter("title", [], (value) => title(plainText(value, "title"))),
  trim: filter("trim", [["chars", null]], (value, [chars]) => strip(plainText(value, "trim"), chars, "both")),
  string: filter("string", [], (value) => (value instanceof Markup ? value : toText(value))),
  center: filter("center", [["width", 80]], (value, [width]) => center(plainText(value, "center"), index(width), " ")),
  replace: filter("replace", ["old", "new", ["count", null]], (value, [old, replacement, count]) =>
    replace(toText(value), toText(old), toText(replacement), count === null ? -1 : index(count)),
  ),
  indent: filter(
    "indent",
    [
      ["width", 4],
      ["first", false],
      ["blank", false],
    ],
    (value, [width, first, blank]) => {
      // Jinja appends a line break first, which fails in the words of the operator.
      if (textOf(value) === null) calculate("+", value, "\n");
      return indent(requireString(value, "indent"), width, isTrue(first), isTrue(blank));
    },
  ),
  truncate: filter(
    "truncate",
    [
      ["length", 255],
      ["killwords", false],
      ["end", "..."],
      ["leeway", null],
    ],
    truncate,
  ),
  format: formatFilter,
  wordcount: filter("wordcount", [], (value) => (toText(value).match(/[\p{L}\p{N}_]+/gu) ?? []).length),
  wordwrap: filter(
    "wordwrap",
    [
      ["width", 79],
      ["break_long_words", true],
      ["wrapstring", null],
      ["break_on_hyphens", true],
    ],
    (value, [width, breakWords, wrapString, breakHyphens]) => {
      const newline = wrapString === null ? "\n" : toText(wrapString);
      const options = { width: index(width), breakLongWords: isTrue(breakWords), breakOnHyphens: isTrue(breakHyphens) };
      const lines = linesWithEnds(requireString(value, "wordwrap")).map(withoutLineEnd);
      return lines.map((line) => wrapText(line, options).join(newline)).join(newline);
    },
  ),
};
