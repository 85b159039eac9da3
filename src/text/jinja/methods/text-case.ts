import { unsupported } from "../template-error.js";
import { method, type Methods } from "../values/functions.js";
import { isWhitespace } from "../values/whitespace.js";

const cased = /\p{Cased}/u;
const lower = /\p{Lowercase}/u;
const upper = /\p{Uppercase}/u;
const titled = /\p{Lt}/u;

/** The titlecase of one character, as `str.title` writes it at the start of a word. */
function titleOf(char: string): string {
  const special = titleExceptions[char];
  if (special !== undefined) return special;
  if (char >= "\u10d0" && char <= "\u10ff") return char;
  const [first = "", ...rest] = Array.from(char.toUpperCase());
  if (rest.length === 0) return first;
  const code = char.codePointAt(0) as number;
  // A Greek letter keeps its iota below, which upper case writes as a letter.
  if (code >= 0x1f80 && code <= 0x1fff && rest.at(-1) === "Ι")
    return rest.length === 1 ? `${first}\u0345`.normalize("NFC") : `${first}${rest[0]}\u0345`;
  return first + rest.join("").toLowerCase();
}

const titleExceptions: Readonly<Record<string, string>> = {
  ŉ: "ʼN",
  Ǆ: "ǅ",
  ǅ: "ǅ",
  ǆ: "ǅ",
  Ǉ: "ǈ",
  ǈ: "ǈ",
  ǉ: "ǈ",
  Ǌ: "ǋ",
  ǋ: "ǋ",
  ǌ: "ǋ",
  Ǳ: "ǲ",
  ǲ: "ǲ",
  ǳ: "ǲ",
};

export function capitalize(text: string): string {
  const [first = ""] = text;
  // The lower case of the whole text knows the sigma at the end of a word.
  return titleOf(first) + text.toLowerCase().slice(first.toLowerCase().length);
}

function title(text: string): string {
  const chars = Array.from(text);
  // The lower case of a whole text knows the sigma at the end of a word.
  const whole = Array.from(text.toLowerCase());
  const lowered = whole.length === chars.length ? whole : chars.map((char) => char.toLowerCase());
  return chars.map((char, i) => (i > 0 && cased.test(chars[i - 1]) ? lowered[i] : titleOf(char))).join("");
}

function swapCase(text: string): string {
  return Array.from(text, (char) =>
    upper.test(char) ? char.toLowerCase() : lower.test(char) ? char.toUpperCase() : char,
  ).join("");
}

function caseFold(text: string): string {
  if (/\P{ASCII}/u.test(text)) throw unsupported("the method casefold of text that is not ASCII");
  return text.toLowerCase();
}

/** Whether all cased characters match `wanted`, and there is one. */
function hasOnlyCase(text: string, wanted: RegExp, other: RegExp): boolean {
  return wanted.test(text) && !other.test(text) && !titled.test(text);
}

export function isLower(text: string): boolean {
  return hasOnlyCase(text, lower, upper);
}

export function isUpper(text: string): boolean {
  return hasOnlyCase(text, upper, lower);
}

function isTitle(text: string): boolean {
  let inWord = false;
  let found = false;
  for (const char of text) {
    const isUpperChar = upper.test(char) || titled.test(char);
    if (isUpperChar === inWord && (isUpperChar || lower.test(char))) {
      return false;
    }
    inWord = isUpperChar || lower.test(char);
    found ||= inWord;
  }
  return found;
}

function all(pattern: RegExp): (text: string) => boolean {
  return (text) => pattern.test(text);
}

/** Numbers of all kinds, and the letters of Chinese that are numbers. */
const numeric = new RegExp(
  "^[\\p{N}" +
    "㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒" +
    "漆玖百肆萬貮貳贰阡陆陌陸零\\u{f96b}\\u{f973}\\u{f978}\\u{f9b2}\\u{f9d1}\\u{f9d3}\\u{f9fd}" +
    "\\u{20001}\\u{20064}\\u{200e2}\\u{20121}\\u{2092a}\\u{20983}\\u{2098c}\\u{2099c}\\u{20aea}\\u{20afd}" +
    "\\u{20b19}\\u{22390}\\u{22998}\\u{23b1b}\\u{2626d}\\u{2f890}" +
    "]+$",
  "u",
);

const none: readonly never[] = [];

export const caseMethods: Methods<string> = {
  upper: method(none, (self) => self.toUpperCase()),
  lower: method(none, (self) => self.toLowerCase()),
  title: method(none, title),
  capitalize: method(none, capitalize),
  swapcase: method(none, swapCase),
  casefold: method(none, caseFold),
  islower: method(none, isLower),
  isupper: method(none, isUpper),
  istitle: method(none, isTitle),
  isspace: method(none, isWhitespace),
  isascii: method(none, all(/^\p{ASCII}*$/u)),
  isalpha: method(none, all(/^\p{L}+$/u)),
  isdecimal: method(none, all(/^\p{Nd}+$/u)),
  isdigit: method(none, all(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒፩-፱᧚𐩀-𐩃𐹠-𐹨𑁒-𑁚🄀-🄊]+$/u)),
  isnumeric: method(none, all(numeric)),
  isalnum: method(none, all(/^[\p{L}\p{N}]+$/u)),
  isprintable: method(none, all(/^(?: |[^\p{C}\p{Z}])*$/u)),
  isidentifier: method(none, all(/^[\p{XID_Start}_]\p{XID_Continue}*$/u)),
};
