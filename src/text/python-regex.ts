/** Characters that mean something in a pattern and must stay escaped. */
const syntax = /[\^$\\.*+?()[\]{}|/]/;

/** What Python's escapes of classes match in a text. */
const classes: Readonly<Record<string, string>> = {
  d: "\\p{Nd}",
  w: "\\p{L}\\p{N}_",
  s: "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000",
};
const controls: Readonly<Record<string, string>> = { a: "\\x07", f: "\\f", n: "\\n", r: "\\r", t: "\\t", v: "\\v" };

/**
 * A pattern of Python's `re` module as one of JavaScript, for texts.
 *
 * @param flags  `g` or none
 * @throws SyntaxError if JavaScript has no such pattern
 */
export function pythonRegExp(pattern: string, flags = ""): RegExp {
  const inline = /^\(\?([aimsux]+)\)/.exec(pattern);
  const set = new Set(inline?.[1] ?? "");
  for (const flag of set)
    if (!"imsu".includes(flag)) throw new SyntaxError(`the flag (?${flag}) of Python's patterns is not supported`);
  const kept = [...set].filter((flag) => flag !== "u").join("");
  return new RegExp(translate(pattern.slice(inline?.[0].length ?? 0), set.has("m")), `u${kept}${flags}`);
}

/** What differs outside of classes: the form in Python, and what JavaScript has for it. */
const rules: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/\(\?P</y, () => "(?<"],
  [/\(\?P=(\w+)\)/y, ([, name]) => `\\k<${name}>`],
  [/\{(?=\d|,)(\d*)(,?)(\d*)\}/y, ([, least, comma, most]) => `{${least === "" ? "0" : least}${comma}${most}}`],
  [/[{}]/y, ([brace]) => `\\${brace}`],
];

function translate(pattern: string, isMultiline: boolean): string {
  let out = "";
  let inClass = false;
  for (let i = 0; i < pattern.length;) {
    const char = pattern[i];
    let piece = { text: char, length: 1 };
    if (char === "\\") piece = escaped(pattern, i, inClass);
    else if (inClass) {
      // A bracket inside of a class is an ordinary character in Python.
      if (char === "[") piece = { text: "\\[", length: 1 };
      if (char === "]") inClass = false;
    } else if (char === "[") {
      inClass = true;
      piece = classStart(pattern, i);
    } else if (char === "$" && !isMultiline) piece = { text: "(?=\\n?(?![^]))", length: 1 };
    else piece = ruled(pattern, i) ?? piece;
    out += piece.text;
    i += piece.length;
  }
  return out;
}

/** A closing bracket at the start of a class is an ordinary character. */
function classStart(pattern: string, at: number): { text: string; length: number } {
  const [start] = /^\[\^?\]?/.exec(pattern.slice(at)) as RegExpExecArray;
  return { text: start.replace("]", "\\]"), length: start.length };
}

function ruled(pattern: string, at: number): { text: string; length: number } | null {
  for (const [form, write] of rules) {
    form.lastIndex = at;
    const match = form.exec(pattern);
    if (match !== null) return { text: write(match), length: match[0].length };
  }
  return null;
}

function escaped(pattern: string, at: number, inClass: boolean): { text: string; length: number } {
  const next = pattern[at + 1] ?? "";
  const lower = next.toLowerCase();
  if (lower in classes && next !== "") {
    const set = classes[lower];
    if (inClass && next !== lower) throw new SyntaxError(`\\${next} inside of [] is not supported`);
    return { text: inClass ? set : `[${next === lower ? "" : "^"}${set}]`, length: 2 };
  }
  if (next === "A") return { text: "(?<![^])", length: 2 };
  if (next === "Z") return { text: "(?![^])", length: 2 };
  if (next in controls) return { text: controls[next], length: 2 };
  if (/[bB]/.test(next)) return { text: inClass ? "\\x08" : boundary(next === "B"), length: 2 };
  const hex = /^\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4})/.exec(pattern.slice(at));
  if (hex !== null) return { text: hex[0], length: hex[0].length };
  if (/\d/.test(next) || syntax.test(next) || (inClass && next === "-")) return { text: `\\${next}`, length: 2 };
  return { text: next, length: 2 };
}

/** Between a character of a word and another: JavaScript's knows only ASCII. */
function boundary(isNegated: boolean): string {
  const word = `[${classes.w}]`;
  return isNegated
    ? `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`
    : `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
}
