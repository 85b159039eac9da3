import { unsupported } from "./tokenizer-error.js";

/** Llama 3's pattern: words with the space before them, numbers of up to three digits, punctuation, white space. */
export const llama3Pattern =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" +
  "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** Qwen's pattern: Llama 3's, but each digit is a pre-token. */
export const qwenPattern = llama3Pattern.replace("{1,3}", "");

/** GPT-2's pattern, which `ByteLevel` with `use_regex` applies. */
export const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Escapes with another meaning in JavaScript than in Oniguruma. */
const escapes: Readonly<Record<string, string>> = {
  s: "\\p{White_Space}",
  S: "\\P{White_Space}",
  d: "\\p{Nd}",
  D: "\\P{Nd}",
};

/**
 * Translates an Oniguruma pattern of a tokenizer file to a JavaScript regular expression (flags g and u). Supports
 * alternatives, groups, lookahead, classes, quantifiers, \s \d \r \n \t \p{…} and (?i:…).
 *
 * @throws StrataError for a construct that JavaScript lacks or interprets differently
 */
export function compilePattern(pattern: string, where: string): RegExp {
  const refuse = (what: string) => unsupported(where, "a pattern with the same meaning in JavaScript", what);
  const insensitive: boolean[] = [];
  let inClass = false;
  let out = "";
  for (let i = 0; i < pattern.length;) {
    const piece = /^(?:\\[pP]\{[^}]*\}|\\[\s\S]|\(\?i:|\(\?[:=!]|\(|[\s\S])/.exec(pattern.slice(i))![0];
    i += piece.length;
    if (piece[0] === "\\") {
      if (!/^\\(?:[pP]\{|[sSdDrnt]|[^A-Za-z0-9])/.test(piece)) throw refuse(piece);
      out += escapes[piece[1]] ?? piece;
    } else if (inClass) {
      if (piece === "[" || pattern.startsWith("&&", i - 1)) throw refuse("a nested character class");
      inClass = piece !== "]";
      out += foldCase(piece, insensitive.at(-1) ?? false, true);
    } else {
      if (piece === "(" && pattern[i] === "?") throw refuse(`(${pattern.slice(i, i + 3)}`);
      if (piece[0] === "(") insensitive.push(piece === "(?i:" || (insensitive.at(-1) ?? false));
      if (piece === ")") insensitive.pop();
      inClass = piece === "[";
      out += piece === "(?i:" ? "(?:" : foldCase(piece, insensitive.at(-1) ?? false, false);
    }
  }
  try {
    return new RegExp(out, "gu");
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

/** Non-ASCII letters that match an ASCII letter when case is ignored. */
const folded: Readonly<Record<string, string>> = { s: "ſ", k: "\u212a" };

function foldCase(piece: string, insensitive: boolean, inClass: boolean): string {
  if (!insensitive || !/^[a-z]$/i.test(piece)) return piece;
  const lower = piece.toLowerCase();
  const forms = `${lower}${lower.toUpperCase()}${folded[lower] ?? ""}`;
  return inClass ? forms : `[${forms}]`;
}
