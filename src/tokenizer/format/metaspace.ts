import { splitText, type Split } from "../encode/split.js";
import { unsupported } from "./tokenizer-error.js";
import type { PreTokenize } from "./tokenizer-file.js";
import { escapeText } from "./pattern.js";
import type { Section } from "./section.js";

/** SentencePiece's convention: a visible character replaces spaces and is also prepended to the first word. */
export interface Metaspace {
  readonly replacement: string;
  readonly prepend: "always" | "first" | "never";
  readonly preTokenize: PreTokenize;
}

/** Parses `Metaspace`, a pre-tokenizer and a decoder; old files have `add_prefix_space` instead of `prepend_scheme`. */
export function parseMetaspace(part: Section, where: string): Metaspace {
  const { replacement } = part;
  if (typeof replacement !== "string" || [...replacement].length !== 1)
    throw unsupported(`${where}.replacement`, "one character", replacement);
  const prepend = part.add_prefix_space === false ? "never" : (part.prepend_scheme ?? "always");
  if (prepend !== "always" && prepend !== "first" && prepend !== "never") {
    throw unsupported(`${where}.prepend_scheme`, "always, first or never", prepend);
  }
  const splits: readonly Split[] =
    part.split === false
      ? []
      : [{ pattern: new RegExp(escapeText(replacement), "gu"), behavior: "MergedWithNext", invert: false }];
  return {
    replacement,
    prepend,
    preTokenize(text, isStart) {
      const replaced = text.replaceAll(" ", replacement);
      const prepends = prepend === "always" || (prepend === "first" && isStart);
      return splitText(prepends && !replaced.startsWith(replacement) ? replacement + replaced : replaced, splits);
    },
  };
}
