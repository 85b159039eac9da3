import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../../tokenizer/special-tokens.js";
import type { Section, TokenizerJson } from "./tokenizer-json.js";

/**
 * Whether encoding adds BOS before a text and EOS after it. The template of tokenizer.json decides; without one, so do
 * `add_bos_token` and `add_eos_token` of tokenizer_config.json.
 */
export function addedBosEos(
  { postProcessors }: TokenizerJson,
  folder: string,
  bosToken: string | null,
  eosToken: string | null,
): { readonly bos: boolean; readonly eos: boolean } {
  const template = postProcessors.find(({ type }) => type === "TemplateProcessing")?.single as
    | readonly Section[]
    | undefined;
  if (template) {
    const token = (part: Section | undefined) => (part?.SpecialToken as Section | undefined)?.id ?? null;
    const first = token(template[0]);
    const last = template.length > 1 ? token(template.at(-1)) : null;
    return { bos: first !== null && first === bosToken, eos: last !== null && last === eosToken };
  }
  const path = join(folder, "tokenizer_config.json");
  const config = existsSync(path) ? (readJson(path) as Section) : {};
  return { bos: config.add_bos_token === true, eos: config.add_eos_token === true };
}
