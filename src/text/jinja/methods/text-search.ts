import { typeError, valueError } from "../template-error.js";
import { characters, hasSurrogates, lengthOf } from "../values/code-points.js";
import { method, type Methods } from "../values/functions.js";
import { intOf, textOf, typeName } from "../values/types.js";
import { Tuple, type Value } from "../values/value.js";

/** @throws TemplateError if the value is not a str */
export function requireText(value: Value): string {
  const text = textOf(value);
  if (text === null) throw typeError(`must be str, not ${typeName(value)}`);
  return text;
}

interface Window {
  readonly text: string;
  /** The position of `text` in the whole text, in characters. */
  readonly from: number;
  /** Whether `start` is after the end of the whole text. */
  readonly beyond: boolean;
}

/** The characters from `start` to `end`, which count from the end if negative. */
function window(text: string, start: Value, end: Value): Window {
  if (start === null && end === null) return { text, from: 0, beyond: false };
  const all = characters(text);
  const bound = (value: Value, byDefault: number): number => {
    if (value === null) return byDefault;
    const int = intOf(value);
    if (int === null) throw typeError("slice indices must be integers or None or have an __index__ method");
    return Math.max(0, int < 0 ? Number(int) + all.length : Number(int));
  };
  const [from, to] = [bound(start, 0), Math.min(bound(end, all.length), all.length)];
  return { text: all.slice(from, to).join(""), from, beyond: from > all.length || from > to };
}

function find(text: string, [part, start, end]: readonly Value[], fromEnd: boolean): number {
  const searched = requireText(part);
  const { text: inside, from, beyond } = window(text, start, end);
  if (beyond) return -1;
  const at = fromEnd ? inside.lastIndexOf(searched) : inside.indexOf(searched);
  if (at === -1) return -1;
  return from + (hasSurrogates(inside) ? lengthOf(inside.slice(0, at)) : at);
}

function found(position: number): number {
  if (position === -1) throw valueError("substring not found");
  return position;
}

function count(text: string, [part, start, end]: readonly Value[]): number {
  const searched = requireText(part);
  const { text: inside, beyond } = window(text, start, end);
  if (beyond) return 0;
  return searched === "" ? lengthOf(inside) + 1 : inside.split(searched).length - 1;
}

function hasAffix(name: "startswith" | "endswith", text: string, [affix, start, end]: readonly Value[]): boolean {
  const affixes = affix instanceof Tuple ? affix.items : [affix];
  const { text: inside, beyond } = window(text, start, end);
  return affixes.some((each) => {
    const part = textOf(each);
    if (part === null) throw typeError(`${name} first arg must be str or a tuple of str, not ${typeName(each)}`);
    return !beyond && (name === "startswith" ? inside.startsWith(part) : inside.endsWith(part));
  });
}

const bounds = [
  ["start", null],
  ["end", null],
] as const;

export const searchMethods: Methods<string> = {
  find: method(["sub", ...bounds], (self, values) => find(self, values, false)),
  rfind: method(["sub", ...bounds], (self, values) => find(self, values, true)),
  index: method(["sub", ...bounds], (self, values) => found(find(self, values, false))),
  rindex: method(["sub", ...bounds], (self, values) => found(find(self, values, true))),
  count: method(["sub", ...bounds], count),
  startswith: method(["prefix", ...bounds], (self, values) => hasAffix("startswith", self, values)),
  endswith: method(["suffix", ...bounds], (self, values) => hasAffix("endswith", self, values)),
};
