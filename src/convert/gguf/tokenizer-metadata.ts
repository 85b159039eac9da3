import { join } from "node:path";
import type { ModelConfig } from "../../model/config/model-config.js";
import { findChatTemplate } from "../../tokenizer/chat/find-chat-template.js";
import { readBosEos } from "../../tokenizer/special-tokens.js";
import { addedBosEos } from "./added-bos-eos.js";
import { byteLevelTokens } from "./byte-level-tokens.js";
import { bool, string, u32, type Metadata } from "./metadata.js";
import { sentencePieceTokens } from "./sentencepiece-tokens.js";
import { readTokenizerJson } from "./tokenizer-json.js";

/**
 * `tokenizer.*` for the tokenizer of a model folder.
 *
 * @throws StrataError if llama.cpp would interpret it differently, or it has more tokens than the model
 */
export function tokenizerMetadata(folder: string, config: ModelConfig): Metadata {
  const file = readTokenizerJson(join(folder, "tokenizer.json"));
  const { list, metadata } = (file.byteFallback ? sentencePieceTokens : byteLevelTokens)(file, config.vocabSize);
  const ids = new Map(list.texts.map((text, id) => [text, id]));
  const bosEos = readBosEos(folder, (token) => ids.get(token));
  const bosId = bosEos.bosId ?? config.bosId;
  const eosId = bosEos.eosIds[0] ?? config.eosIds[0] ?? null;
  const textOf = (id: number | null) => (id === null ? null : list.texts[id]);
  const added = addedBosEos(file, folder, textOf(bosId), textOf(eosId));
  const chatTemplate = findChatTemplate(folder, "default").source;
  return [
    ...metadata,
    ...idEntry("bos", bosId),
    ...idEntry("eos", eosId),
    ["tokenizer.ggml.add_bos_token", bool(added.bos)],
    ["tokenizer.ggml.add_eos_token", bool(added.eos)],
    ...(chatTemplate === null ? [] : ([["tokenizer.chat_template", string(chatTemplate)]] as const)),
  ];
}

function idEntry(name: string, id: number | null): Metadata {
  return id === null ? [] : [[`tokenizer.ggml.${name}_token_id`, u32(id)]];
}
