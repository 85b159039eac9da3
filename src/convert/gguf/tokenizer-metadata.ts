import { join } from "node:path";
import type { ModelConfig } from "../../model/config/model-config.js";
import { findChatTemplates } from "../../tokenizer/chat/find-chat-template.js";
import { prefixOf, type BosChoice } from "../../tokenizer/bos.js";
import { readTokenizerFile } from "../../tokenizer/format/read-tokenizer.js";
import { byteLevelTokens } from "./byte-level-tokens.js";
import { bool, string, u32, type Metadata } from "./metadata.js";
import { sentencePieceTokens } from "./sentencepiece-tokens.js";
import { readTokenizerJson, unwritable } from "./tokenizer-json.js";

/**
 * `tokenizer.*` for the tokenizer of a model folder.
 *
 * @param bos  whether BOS precedes every text
 * @throws StrataError if llama.cpp would interpret it differently, or it has more tokens than the model
 */
export function tokenizerMetadata(folder: string, config: ModelConfig, bos: BosChoice): Metadata {
  const path = join(folder, "tokenizer.json");
  const json = readTokenizerJson(path);
  const tokenizer = readTokenizerFile(path);
  const file = { ...json, addedTokens: tokenizer.file.addedTokens };
  const { metadata } = (file.byteFallback ? sentencePieceTokens : byteLevelTokens)(file, config.vocabSize);
  const { before, after } = tokenizer.file.specialTokens;
  // A token that precedes every text is BOS, named or not.
  const bosId = tokenizer.bosEos.bosId ?? before[0] ?? config.bosId;
  const eosId = tokenizer.bosEos.eosIds[0] ?? after[0] ?? config.eosIds[0] ?? null;
  const addsBos = addsOnly(prefixOf({ prefix: before, bosId }, bos), bosId, `${path} post_processor`, "BOS before");
  const addsEos = addsOnly(after, eosId, `${path} post_processor`, "EOS after");
  const chatTemplate = findChatTemplates(folder).get("default");
  return [
    ...metadata,
    ...idEntry("bos", bosId),
    ...idEntry("eos", eosId),
    ["tokenizer.ggml.add_bos_token", bool(addsBos)],
    ["tokenizer.ggml.add_eos_token", bool(addsEos)],
    ...(chatTemplate === undefined ? [] : ([["tokenizer.chat_template", string(chatTemplate)]] as const)),
  ];
}

/** Whether encoding adds the token. @throws StrataError if it adds others, which a GGUF file cannot say */
function addsOnly(ids: readonly number[], id: number | null, where: string, what: string): boolean {
  if (ids.length > 1 || (ids.length === 1 && ids[0] !== id))
    throw unwritable(where, `nothing but ${what} a text`, `the ids ${ids.join(", ")}`);
  return ids.length === 1;
}

function idEntry(name: string, id: number | null): Metadata {
  return id === null ? [] : [[`tokenizer.ggml.${name}_token_id`, u32(id)]];
}
