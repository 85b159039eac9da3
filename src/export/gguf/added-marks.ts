import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../../tokenizer/special-tokens.js";

type Json = Readonly<Record<string, unknown>>;

/**
 * Whether encoding puts the mark of begin in front of a text, and that of end behind it: where tokenizer.json has a template,
 * as that says; else as tokenizer_config.json says, or else not.
 */
export function addedMarks(
  tokenizer: unknown, folder: string, begin: string | null, end: string | null,
): { readonly bos: boolean; readonly eos: boolean } {
  const template = findTemplate((tokenizer as Json).post_processor);
  if (template) {
    const token = (part: unknown) => ((part as Json | undefined)?.SpecialToken as Json | undefined)?.id ?? null;
    const first = token(template[0]);
    const last = template.length > 1 ? token(template.at(-1)) : null;
    return { bos: first !== null && first === begin, eos: last !== null && last === end };
  }
  const path = join(folder, "tokenizer_config.json");
  const config = existsSync(path) ? (readJson(path) as Json) : {};
  return { bos: config.add_bos_token === true, eos: config.add_eos_token === true };
}

/** The parts of a single text in a TemplateProcessing, alone or in a Sequence. */
function findTemplate(processor: unknown): readonly unknown[] | null {
  if (typeof processor !== "object" || processor === null) return null;
  const { type, single, processors } = processor as Json;
  if (type === "TemplateProcessing" && Array.isArray(single)) return single;
  if (!Array.isArray(processors)) return null;
  return processors.map(findTemplate).find((found) => found !== null) ?? null;
}
