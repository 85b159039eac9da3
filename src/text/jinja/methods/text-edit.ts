import { typeError } from "../template-error.js";
import { characters, lengthOf } from "../values/code-points.js";
import { method, namedMethod, refusedMethod, type Methods } from "../values/functions.js";
import { iterate } from "../values/iterate.js";
import { index } from "../values/range.js";
import { textOf, typeName } from "../values/types.js";
import type { Value } from "../values/value.js";
import { stripEnd, stripStart } from "../values/whitespace.js";
import { requireText } from "./text-search.js";

type Side = "start" | "end" | "both";

/** Python's `strip`, `lstrip` and `rstrip`: removes whitespace, or the given characters. */
export function strip(text: string, chars: Value, side: Side): string {
  if (chars === null) {
    const front = side === "end" ? text : stripStart(text);
    return side === "start" ? front : stripEnd(front);
  }
  const removed = textOf(chars);
  if (removed === null) throw typeError(`strip arg must be None or str, not ${typeName(chars)}`);
  const set = new Set(characters(removed));
  const all = characters(text);
  let [start, end] = [0, all.length];
  if (side !== "end") while (start < end && set.has(all[start])) start++;
  if (side !== "start") while (end > start && set.has(all[end - 1])) end--;
  return all.slice(start, end).join("");
}

/** Python's `text.replace(old, new, count)`; a negative count is none. */
export function replace(text: string, old: string, replacement: string, count: number): string {
  if (count < 0) {
    if (old !== "") return text.split(old).join(replacement);
    return (
      replacement +
      characters(text)
        .map((char) => char + replacement)
        .join("")
    );
  }
  const parts = old === "" ? ["", ...characters(text), ""] : text.split(old);
  if (old === "" && text === "") return count > 0 ? replacement : "";
  const replaced = Math.min(count, parts.length - 1);
  return parts.map((part, i) => (i === 0 ? "" : i <= replaced ? replacement : old) + part).join("");
}

export function center(text: string, width: number, fill: string): string {
  const missing = Math.max(0, width - lengthOf(text));
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

function fillCharacter(value: Value): string {
  const text = textOf(value);
  if (text === null) throw typeError(`The fill character must be a unicode character, not ${typeName(value)}`);
  if (lengthOf(text) !== 1) throw typeError("The fill character must be exactly one character long");
  return text;
}

function fillZeros(text: string, width: number): string {
  const sign = /^[-+]/.exec(text)?.[0] ?? "";
  return sign + "0".repeat(Math.max(0, width - lengthOf(text))) + text.slice(sign.length);
}

function expandTabs(text: string, size: number): string {
  let column = 0;
  let result = "";
  for (const char of text) {
    if (char === "\t") {
      const spaces = size > 0 ? size - (column % size) : 0;
      result += " ".repeat(spaces);
      column += spaces;
    } else {
      result += char;
      column = char === "\n" || char === "\r" ? 0 : column + 1;
    }
  }
  return result;
}

function join(separator: string, items: Value): string {
  let position = 0;
  const texts = Array.from(iterate(items), (item) => {
    const text = textOf(item);
    if (text === null) throw typeError(`sequence item ${position}: expected str instance, ${typeName(item)} found`);
    position++;
    return text;
  });
  return texts.join(separator);
}

const padding = ["width", ["fillchar", " "]] as const;

export const editMethods: Methods<string> = {
  strip: method([["chars", null]], (self, [chars]) => strip(self, chars, "both")),
  lstrip: method([["chars", null]], (self, [chars]) => strip(self, chars, "start")),
  rstrip: method([["chars", null]], (self, [chars]) => strip(self, chars, "end")),
  replace: method(["old", "new", ["count", -1]], (self, [old, replacement, count]) =>
    replace(self, requireText(old), requireText(replacement), index(count)),
  ),
  join: method(["iterable"], (self, [items]) => join(self, items)),
  removeprefix: method(["prefix"], (self, [prefix]) =>
    self.startsWith(requireText(prefix)) ? self.slice(requireText(prefix).length) : self,
  ),
  removesuffix: method(["suffix"], (self, [suffix]) => {
    const text = requireText(suffix);
    return text !== "" && self.endsWith(text) ? self.slice(0, -text.length) : self;
  }),
  center: method(padding, (self, [width, fill]) => center(self, index(width), fillCharacter(fill))),
  ljust: method(
    padding,
    (self, [width, fill]) => self + fillCharacter(fill).repeat(Math.max(0, index(width) - lengthOf(self))),
  ),
  rjust: method(
    padding,
    (self, [width, fill]) => fillCharacter(fill).repeat(Math.max(0, index(width) - lengthOf(self))) + self,
  ),
  zfill: method(["width"], (self, [width]) => fillZeros(self, index(width))),
  expandtabs: namedMethod([["tabsize", 8]], (self, [size]) => expandTabs(self, index(size))),
  encode: refusedMethod("encode", "text"),
  translate: refusedMethod("translate", "text"),
  maketrans: refusedMethod("maketrans", "text"),
};
