import { unsupported } from "./tokenizer-error.js";
import type { Normalize } from "./tokenizer-file.js";
import { parsePattern } from "./pattern.js";
import { list, section, textAt, type Section } from "./section.js";

const known = "NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip, StripAccents or Sequence";

/** Parses `normalizer` of a tokenizer.json. @throws StrataError for an unsupported type */
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
      // As Rust does by character: `toLowerCase` alone would turn a Σ at the end of a word into ς.
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
        const trimmed = left ? text.replace(/^\p{White_Space}+/u, "") : text;
        return right ? trimmed.replace(/\p{White_Space}+$/u, "") : trimmed;
      };
    }
    case "StripAccents":
      return (text) => text.replace(/\p{M}/gu, "");
    default:
      throw unsupported(`${where}.type`, known, part.type ?? null);
  }
}
