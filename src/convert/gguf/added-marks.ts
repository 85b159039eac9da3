import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../../tokenizer/special-tokens.js";
import type { Section, TokenizerJson } from "./tokenizer-json.js";

/**
 * Whether encoding puts the mark of begin in front of a text, and that of end behind it: where tokenizer.json has a template,
 * as that says; else as tokenizer_config.json says, or else not.
 */
export function addedMarks(
  { postProcessors }: TokenizerJson,
  folder: string,
  begin: string | null,
  end: string | null,
): { readonly bos: boolean; readonly eos: boolean } {
  const template = postProcessors.find(({ type }) => type === "TemplateProcessing")?.single as
    | readonly Section[]
    | undefined;
  if (template) {
    const token = (part: Section | undefined) => (part?.SpecialToken as Section | undefined)?.id ?? null;
    const first = token(template[0]);
    const last = template.length > 1 ? token(template.at(-1)) : null;
    return { bos: first !== null && first === begin, eos: last !== null && last === end };
  }
  const path = join(folder, "tokenizer_config.json");
  const config = existsSync(path) ? (readJson(path) as Section) : {};
  return { bos: config.add_bos_token === true, eos: config.add_eos_token === true };
}
