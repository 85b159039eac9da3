import { behaviors, splitText, type Behavior, type Split } from "../encode/split.js";
import { createWordScanner, type ScanPreToken } from "../encode/scan-words.js";
import { unsupported } from "./tokenizer-error.js";
import type { PreTokenize } from "./tokenizer-file.js";
import { parseMetaspace } from "./metaspace.js";
import { escapeText, parsePattern } from "./pattern.js";
import { list, section, textAt, type Section } from "./section.js";
import { compilePattern, gpt2Pattern, llama3Pattern, qwenPattern } from "./split-pattern.js";

export interface PreTokenizer {
  readonly preTokenize: PreTokenize;
  readonly scanPreToken: ScanPreToken | null;
  /** Whether the model's tokens are in the characters of `bytesToUnicode`. */
  readonly isByteLevel: boolean;
}

const known =
  "Split, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit, BertPreTokenizer, Metaspace, " +
  "ByteLevel or Sequence";

/** Rust's `\w`. */
const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
/** Punctuation, including ASCII symbols. */
const punctuation = /[\p{P}$+<=>^`|~]/gu;

/** Parses `pre_tokenizer` of a tokenizer.json. @throws StrataError for an unsupported type */
export function parsePreTokenizer(value: unknown, where: string): PreTokenizer {
  const parts = listParts(value, where);
  const at = parts.findIndex(({ part }) => part.type === "ByteLevel");
  if (at >= 0 && at < parts.length - 1)
    throw unsupported(parts[at].where, "ByteLevel as the last pre-tokenizer", "ByteLevel before another");
  const preTokenize = chain(parts.map(({ part, where: place }) => parseStep(part, place)));
  return { preTokenize, scanPreToken: findScanner(parts.map(({ part }) => part)), isByteLevel: at >= 0 };
}

/** The scanned patterns leave no gaps: `Isolated` and an inverted `Removed` give the same pre-tokens. */
function findScanner(parts: readonly Section[]): ScanPreToken | null {
  const [split, bytes] = parts;
  if (parts.length !== 2 || bytes.type !== "ByteLevel" || bytes.use_regex !== false || bytes.add_prefix_space !== false)
    return null;
  if (
    split.type !== "Split" ||
    !(split.behavior === "Isolated" || (split.behavior === "Removed" && split.invert === true))
  )
    return null;
  const pattern = (split.pattern as Section | undefined)?.Regex;
  return pattern === llama3Pattern ? createWordScanner(3) : pattern === qwenPattern ? createWordScanner(1) : null;
}

interface Located {
  readonly part: Section;
  readonly where: string;
}

function listParts(value: unknown, where: string): Located[] {
  if (value === null || value === undefined) return [];
  const part = section(value, where);
  if (part.type !== "Sequence") return [{ part, where }];
  return list(part.pretokenizers, `${where}.pretokenizers`).flatMap((inner, i) =>
    listParts(inner, `${where}.pretokenizers[${i}]`),
  );
}

/** Without a step that changes text, all splits are applied in one pass. */
function chain(steps: readonly (readonly Split[] | PreTokenize)[]): PreTokenize {
  if (steps.every((step): step is readonly Split[] => typeof step !== "function")) {
    const splits = steps.flat();
    return (text) => splitText(text, splits);
  }
  const all = steps.map((step): PreTokenize => (typeof step === "function" ? step : (text) => splitText(text, step)));
  return (text, isStart) =>
    all.reduce<readonly string[]>(
      (pieces, step) => pieces.flatMap((piece, i) => step(piece, isStart && i === 0)),
      text === "" ? [] : [text],
    );
}

function parseStep(part: Section, where: string): readonly Split[] | PreTokenize {
  const split = (pattern: RegExp, behavior: Behavior, invert = false): readonly Split[] => [
    { pattern, behavior, invert },
  ];
  switch (part.type) {
    case "ByteLevel": {
      const splits = part.use_regex === false ? [] : split(compilePattern(gpt2Pattern, where), "Isolated");
      if (part.add_prefix_space === false) return splits;
      return (text) => splitText(text.startsWith(" ") ? text : ` ${text}`, splits);
    }
    case "Digits":
      return part.individual_digits === true ? split(/\p{N}/gu, "Isolated") : split(/\p{N}/gu, "Contiguous");
    case "Split":
      return split(parsePattern(part.pattern, `${where}.pattern`), parseBehavior(part, where), part.invert === true);
    case "Punctuation":
      return split(punctuation, part.behavior === undefined ? "Isolated" : parseBehavior(part, where));
    case "Whitespace":
      return split(new RegExp(`[${word}]+|[^${word}\\p{White_Space}]+`, "gu"), "Removed", true);
    case "WhitespaceSplit":
      return split(/\p{White_Space}/gu, "Removed");
    case "CharDelimiterSplit":
      return split(new RegExp(escapeText(textAt(part, "delimiter", where)), "gu"), "Removed");
    case "BertPreTokenizer":
      return [...split(/\p{White_Space}/gu, "Removed"), ...split(punctuation, "Isolated")];
    case "Metaspace":
      return parseMetaspace(part, where).preTokenize;
    default:
      throw unsupported(`${where}.type`, known, part.type ?? null);
  }
}

function parseBehavior({ behavior }: Section, where: string): Behavior {
  if (behaviors.includes(behavior as Behavior)) return behavior as Behavior;
  throw unsupported(`${where}.behavior`, behaviors.join(", "), behavior ?? null);
}
