import { unsupported } from "./tokenizer-error.js";
import type { Normalize } from "./tokenizer-file.js";
import { parsePattern } from "./pattern.js";
import { list, section, textAt, type Section } from "./section.js";

const known = "NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip, StripAccents or Sequence";

/** The section `normalizer` of a tokenizer.json. @throws StrataError for a kind that is not known */
export function parseNormalizer(value: unknown, where: string): Normalize {
  if (value === null || value === undefined) return (text) => text;
  const part = section(value, where);
  if (part.type !== "Sequence") return parseStep(part, where);
  const steps = list(part.normalizers, `${where}.normalizers`).map((step, i) =>
    parseNormalizer(step, `${where}.normalizers[${i}]`),
  );
  return (text) => steps.reduce((normal, step) => step(normal), text);
}

function parseStep(part: Section, where: string): Normalize {
  switch (part.type) {
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD": {
      const form = part.type;
      return (text) => text.normalize(form);
    }
    case "Lowercase":
      // Character by character: JavaScript alone would write the last sigma of a word in its other form.
      return (text) => text.replaceAll("Σ", "σ").toLowerCase();
    case "Prepend": {
      const prepend = textAt(part, "prepend", where);
      return (text) => (text === "" ? "" : prepend + text);
    }
    case "Replace": {
      const pattern = parsePattern(part.pattern, `${where}.pattern`);
      const content = textAt(part, "content", where);
      const replacement = content.replaceAll("$", "$$$$");
      return (text) => text.replace(pattern, replacement);
    }
    case "Strip": {
      const [left, right] = [part.strip_left !== false, part.strip_right !== false];
      return (text) => {
        const begun = left ? text.replace(/^\p{White_Space}+/u, "") : text;
        return right ? begun.replace(/\p{White_Space}+$/u, "") : begun;
      };
    }
    case "StripAccents":
      return (text) => text.replace(/\p{M}/gu, "");
    default:
      throw unsupported(`${where}.type`, known, part.type ?? null);
  }
}
