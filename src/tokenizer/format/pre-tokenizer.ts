import { behaviours, cutText, type Behaviour, type Cut } from "../encode/cut.js";
import { createWordScanner, type ScanPiece } from "../encode/scan-words.js";
import { unsupported } from "./tokenizer-error.js";
import type { CutText } from "./tokenizer-file.js";
import { parseMetaspace } from "./metaspace.js";
import { escapeText, parsePattern } from "./pattern.js";
import { list, section, textAt, type Section } from "./section.js";
import { compilePattern, gpt2Pattern, llama3Pattern, qwenPattern } from "./split-pattern.js";

export interface PreTokenizer {
  readonly cutText: CutText;
  readonly scanPiece: ScanPiece | null;
  /** Whether the model's tokens are in byte letters. */
  readonly isByteLevel: boolean;
}

const known =
  "Split, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit, BertPreTokenizer, Metaspace, ByteLevel or Sequence";

/** Rust's `\w`. */
const word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
/** Punctuation, with the signs among ASCII's. */
const punctuation = /[\p{P}$+<=>^`|~]/gu;

/** The section `pre_tokenizer` of a tokenizer.json. @throws StrataError for a kind that is not known */
export function parsePreTokenizer(value: unknown, where: string): PreTokenizer {
  const parts = listParts(value, where);
  const at = parts.findIndex(({ part }) => part.type === "ByteLevel");
  if (at >= 0 && at < parts.length - 1)
    throw unsupported(parts[at].where, "ByteLevel only at the end", "ByteLevel before another part");
  const cutText = chain(parts.map(({ part, where: place }) => parseStep(part, place)));
  return { cutText, scanPiece: findScanner(parts.map(({ part }) => part)), isByteLevel: at >= 0 };
}

/** These patterns leave no gaps, so that what is cut out and what is kept between cuts is the same. */
function findScanner(parts: readonly Section[]): ScanPiece | null {
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

/** Neighbouring cuts become one step. */
function chain(steps: readonly (readonly Cut[] | CutText)[]): CutText {
  if (steps.every((step): step is readonly Cut[] => typeof step !== "function")) {
    const cuts = steps.flat();
    return (text) => cutText(text, cuts);
  }
  const all = steps.map((step): CutText => (typeof step === "function" ? step : (text) => cutText(text, step)));
  return (text, isStart) =>
    all.reduce<readonly string[]>(
      (pieces, step) => pieces.flatMap((piece, i) => step(piece, isStart && i === 0)),
      text === "" ? [] : [text],
    );
}

function parseStep(part: Section, where: string): readonly Cut[] | CutText {
  const cut = (pattern: RegExp, behaviour: Behaviour, invert = false): readonly Cut[] => [
    { pattern, behaviour, invert },
  ];
  switch (part.type) {
    case "ByteLevel": {
      const cuts = part.use_regex === false ? [] : cut(compilePattern(gpt2Pattern, where), "Isolated");
      if (part.add_prefix_space === false) return cuts;
      return (text) => cutText(text.startsWith(" ") ? text : ` ${text}`, cuts);
    }
    case "Digits":
      return part.individual_digits === true ? cut(/\p{N}/gu, "Isolated") : cut(/\p{N}/gu, "Contiguous");
    case "Split":
      return cut(parsePattern(part.pattern, `${where}.pattern`), parseBehaviour(part, where), part.invert === true);
    case "Punctuation":
      return cut(punctuation, part.behavior === undefined ? "Isolated" : parseBehaviour(part, where));
    case "Whitespace":
      return cut(new RegExp(`[${word}]+|[^${word}\\p{White_Space}]+`, "gu"), "Removed", true);
    case "WhitespaceSplit":
      return cut(/\p{White_Space}/gu, "Removed");
    case "CharDelimiterSplit":
      return cut(new RegExp(escapeText(textAt(part, "delimiter", where)), "gu"), "Removed");
    case "BertPreTokenizer":
      return [...cut(/\p{White_Space}/gu, "Removed"), ...cut(punctuation, "Isolated")];
    case "Metaspace":
      return parseMetaspace(part, where).cutText;
    default:
      throw unsupported(`${where}.type`, known, part.type ?? null);
  }
}

function parseBehaviour({ behavior }: Section, where: string): Behaviour {
  if (behaviours.includes(behavior as Behaviour)) return behavior as Behaviour;
  throw unsupported(`${where}.behavior`, behaviours.join(", "), behavior ?? null);
}
