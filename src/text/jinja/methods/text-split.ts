import { valueError } from "../template-error.js";
import { method, namedMethod, type Methods } from "../values/functions.js";
import { index } from "../values/range.js";
import { isTrue } from "../values/types.js";
import { Tuple, type Value } from "../values/value.js";
import { isWhitespace, linesWithEnds, stripEnd, stripStart, whitespace, withoutLineEnd } from "../values/whitespace.js";
import { requireText } from "./text-search.js";

const spaces = new RegExp(`[${whitespace}]+`);

/** Python's `text.split(separator, limit)`; a negative limit is none. */
function split(text: string, separator: string | null, limit: number): string[] {
  if (separator === null) return splitWords(text, limit);
  if (separator === "") throw valueError("empty separator");
  const parts = text.split(separator);
  return limit < 0 || parts.length <= limit ? parts : [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

export function splitFromEnd(text: string, separator: string | null, limit: number): string[] {
  if (separator === null) return limit < 0 ? splitWords(text, limit) : splitWordsFromEnd(text, limit);
  if (separator === "") throw valueError("empty separator");
  if (limit < 0) return text.split(separator);
  const parts: string[] = [];
  let rest = text;
  for (let at = rest.lastIndexOf(separator); at !== -1 && parts.length < limit; at = rest.lastIndexOf(separator)) {
    parts.unshift(rest.slice(at + separator.length));
    rest = rest.slice(0, at);
  }
  return [rest, ...parts];
}

function splitWords(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = stripStart(text);
  for (let space = spaces.exec(rest); space !== null && parts.length !== limit; space = spaces.exec(rest)) {
    parts.push(rest.slice(0, space.index));
    rest = rest.slice(space.index + space[0].length);
  }
  return rest === "" ? parts : [...parts, rest];
}

function splitWordsFromEnd(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = stripEnd(text);
  while (parts.length < limit && rest !== "") {
    let start = rest.length;
    while (start > 0 && !isWhitespace(rest[start - 1])) start--;
    parts.unshift(rest.slice(start));
    rest = stripEnd(rest.slice(0, start));
  }
  return rest === "" ? parts : [rest, ...parts];
}

function separatorOf(value: Value): string | null {
  return value === null ? null : requireText(value);
}

function splitLines(text: string, keepEnds: boolean): string[] {
  const lines = linesWithEnds(text);
  return keepEnds ? lines : lines.map(withoutLineEnd);
}

function partition(text: string, separator: string, at: number, whole: "first" | "last"): Tuple {
  if (separator === "") throw valueError("empty separator");
  if (at === -1) return new Tuple(whole === "first" ? [text, "", ""] : ["", "", text]);
  return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
}

const splitting = [
  ["sep", null],
  ["maxsplit", -1],
] as const;

export const splitMethods: Methods<string> = {
  split: namedMethod(splitting, (self, [separator, limit]) => split(self, separatorOf(separator), index(limit))),
  rsplit: namedMethod(splitting, (self, [separator, limit]) =>
    splitFromEnd(self, separatorOf(separator), index(limit)),
  ),
  splitlines: namedMethod([["keepends", false]], (self, [keepEnds]) => splitLines(self, isTrue(keepEnds))),
  partition: method(["sep"], (self, [value]) => {
    const separator = requireText(value);
    return partition(self, separator, self.indexOf(separator), "first");
  }),
  rpartition: method(["sep"], (self, [value]) => {
    const separator = requireText(value);
    return partition(self, separator, self.lastIndexOf(separator), "last");
  }),
};
