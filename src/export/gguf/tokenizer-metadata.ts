import { join } from "node:path";
import type { LlamaConfig } from "../../model/config.js";
import { StrataError } from "../../tensor/errors.js";
import type { AddedToken } from "../../tokenizer/added-tokens.js";
import { readJson, readTextMarks } from "../../tokenizer/special-tokens.js";
import { parseTokenizerFile, type TokenizerFile } from "../../tokenizer/tokenizer-file.js";
import { addedMarks } from "./added-marks.js";
import { readChatTemplate } from "./chat-template.js";
import { bool, i32s, string, strings, u32, type Metadata } from "./metadata.js";
import { preTokenizerName } from "./pre-tokenizer.js";

/** Kinds of tokens (llama_token_type). */
const tokenTypes = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

/** The tokenizer of a model folder. @throws StrataError if it is of a kind that is not written, or has more tokens than the model */
export function tokenizerMetadata(folder: string, config: LlamaConfig): Metadata {
  const path = join(folder, "tokenizer.json");
  const json = readJson(path);
  const file = parseTokenizerFile(json, path);
  const { texts, types } = listTokens(file, config.vocabularySize, path);
  const ids = new Map(texts.map((text, id) => [text, id]));
  const marks = readTextMarks(folder, (token) => ids.get(token));
  const bosId = marks.bosId ?? config.bosId;
  const eosId = marks.eosIds[0] ?? config.eosIds[0];
  const added = addedMarks(json, folder, bosId === null ? null : texts[bosId], eosId === undefined ? null : texts[eosId]);
  const chatTemplate = readChatTemplate(folder);
  return [
    ["tokenizer.ggml.model", string("gpt2")],
    ["tokenizer.ggml.pre", string(preTokenizerName(file, path))],
    ["tokenizer.ggml.tokens", strings(texts)],
    ["tokenizer.ggml.token_type", i32s(types)],
    ["tokenizer.ggml.merges", strings(listMerges(file))],
    ...(bosId === null ? [] : ([["tokenizer.ggml.bos_token_id", u32(bosId)]] as const)),
    ...(eosId === undefined ? [] : ([["tokenizer.ggml.eos_token_id", u32(eosId)]] as const)),
    ["tokenizer.ggml.add_bos_token", bool(added.bos)],
    ["tokenizer.ggml.add_eos_token", bool(added.eos)],
    ...(chatTemplate === null ? [] : ([["tokenizer.chat_template", string(chatTemplate)]] as const)),
  ];
}

/** Tokens by id; a row of the embedding that no token uses gets a name of its own, as in llama.cpp's converter. */
function listTokens(file: TokenizerFile, vocabularySize: number, where: string): { texts: string[]; types: number[] } {
  const texts = Array.from({ length: vocabularySize }, (_, id) => `[PAD${id}]`);
  const types = texts.map((): number => tokenTypes.unused);
  const put = (id: number, text: string, type: number) => {
    if (id >= vocabularySize) throw tooLarge(where, id, text, vocabularySize);
    texts[id] = text;
    types[id] = type;
  };
  for (const [token, id] of file.vocabulary) put(id, token, tokenTypes.normal);
  for (const token of file.addedTokens) put(token.id, token.content, addedType(token));
  return { texts, types };
}

/** Control tokens are never read from text, and not shown. Some files do not mark `<|…|>` as special. */
function addedType({ content, special }: AddedToken): number {
  return special || /^<\|.*\|>$/s.test(content) ? tokenTypes.control : tokenTypes.userDefined;
}

function listMerges({ vocabulary, merges }: TokenizerFile): string[] {
  const tokens: string[] = [];
  for (const [token, id] of vocabulary) tokens[id] = token;
  return Array.from({ length: merges.length / 3 }, (_, i) => `${tokens[merges[3 * i]]} ${tokens[merges[3 * i + 1]]}`);
}

function tooLarge(where: string, id: number, token: string, vocabularySize: number): StrataError {
  return new StrataError("TokenizerError", {
    where,
    expected: `ids below ${vocabularySize}, the model's vocab_size`,
    got: `${id} (${JSON.stringify(token)})`,
    hint: "The tokenizer is of another model: copy both from the same one.",
  });
}
