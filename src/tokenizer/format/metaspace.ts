import { cutText, type Cut } from "../encode/cut.js";
import { unsupported } from "./tokenizer-error.js";
import type { CutText } from "./tokenizer-file.js";
import { escapeText } from "./pattern.js";
import type { Section } from "./section.js";

/** Spaces as a visible sign, which also stands before the first word: SentencePiece's way. */
export interface Metaspace {
  readonly sign: string;
  readonly prepend: "always" | "first" | "never";
  readonly cutText: CutText;
}

/** The pre-tokenizer and decoder `Metaspace`; older files have `add_prefix_space` in place of `prepend_scheme`. */
export function parseMetaspace(part: Section, where: string): Metaspace {
  const sign = part.replacement;
  if (typeof sign !== "string" || [...sign].length !== 1)
    throw unsupported(`${where}.replacement`, "one character", sign);
  const prepend = part.add_prefix_space === false ? "never" : (part.prepend_scheme ?? "always");
  if (prepend !== "always" && prepend !== "first" && prepend !== "never") {
    throw unsupported(`${where}.prepend_scheme`, "always, first or never", prepend);
  }
  const cuts: readonly Cut[] =
    part.split === false
      ? []
      : [{ pattern: new RegExp(escapeText(sign), "gu"), behaviour: "MergedWithNext", invert: false }];
  return {
    sign,
    prepend,
    cutText(text, isStart) {
      const signed = text.replaceAll(" ", sign);
      const begins = (prepend === "always" || (prepend === "first" && isStart)) && !signed.startsWith(sign);
      return cutText(begins ? sign + signed : signed, cuts);
    },
  };
}
