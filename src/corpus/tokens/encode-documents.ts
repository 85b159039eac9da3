import type { RenderChat } from "../../tokenizer/chat/chat-template.js";
import { encodeChat } from "../../tokenizer/chat/encode-chat.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import { StrataError } from "../../errors/strata-error.js";
import type { Document } from "../documents/documents.js";

/** What of a document is tokenised. */
export type DocumentContent = Pick<Document, "parts" | "messages">;

/** The tokens of a document, with the marks of its begin and end. */
export interface EncodedContent {
  readonly ids: Int32Array;
  /** By id: 1 if it belongs to an answer or ends one, else 0. */
  readonly isAnswer: Uint8Array;
}

export type EncodeContents = (documents: readonly DocumentContent[]) => Promise<readonly EncodedContent[]>;

/** The ids of each text, in order, without begin and end. */
export type EncodeTexts = (texts: readonly string[]) => Promise<readonly Int32Array[]>;

/** `[begin] ids end`, begin where the tokenizer has one. The answer is the last part; each part is encoded apart. */
export function partsEncoder(encode: EncodeTexts, { bosId }: Pick<Tokenizer, "bosId">, end: number): EncodeContents {
  return async (documents) => {
    const ids = await encode(documents.flatMap(({ parts }) => parts));
    let at = 0;
    return documents.map(({ parts }) => {
      const own = ids.slice(at, (at += parts.length));
      const all = joined([...(bosId === null ? [] : [Int32Array.of(bosId)]), ...own, Int32Array.of(end)]);
      const isAnswer = new Uint8Array(all.length);
      isAnswer.fill(1, all.length - 1 - (own.at(-1)?.length ?? 0));
      return { ids: all, isAnswer };
    });
  };
}

/** Conversations as the template writes them, with its marks; an end that is no answer follows where it writes none. */
export function chatEncoder(tokenizer: Tokenizer, render: RenderChat, end: number): EncodeContents {
  return async (documents) =>
    documents.map(({ messages }) => {
      const { ids, isAnswer } = encodeChat(tokenizer, render, messages ?? []);
      if (tokenizer.eosIds.includes(ids[ids.length - 1])) return { ids: Int32Array.from(ids), isAnswer };
      return { ids: Int32Array.of(...ids, end), isAnswer: Uint8Array.of(...isAnswer, 0) };
    });
}

/** @throws StrataError if the tokenizer has none */
export function endToken({ eosIds }: Pick<Tokenizer, "eosIds">, where: string): number {
  if (eosIds.length > 0) return eosIds[0];
  throw new StrataError("CorpusError", {
    where,
    expected: "a tokenizer with an end token, to put between documents",
    got: "one without",
    hint: 'Name it as "eos_token" in tokenizer_config.json beside tokenizer.json.',
  });
}

function joined(arrays: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
