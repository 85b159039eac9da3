import type { RenderChat } from "../../tokenizer/chat/chat-template.js";
import { encodeChat, type EncodedChat } from "../../tokenizer/chat/encode-chat.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import { StrataError } from "../../errors/strata-error.js";
import type { Document } from "../documents/documents.js";

/** The part of a document that is tokenized. */
export interface DocumentContent extends Pick<Document, "parts" | "messages"> {
  /** Whether it is the first training document of its data set. */
  readonly isFirst: boolean;
}

/** The tokens of a document, with the special tokens around it. */
export interface EncodedContent {
  readonly ids: Int32Array;
  /** [ids] 1 for tokens of a completion and for the token that ends it, else 0. */
  readonly isAnswer: Uint8Array;
}

export type EncodeContents = (documents: readonly DocumentContent[]) => Promise<readonly EncodedContent[]>;

/** Returns the ids of each text, in order, without special tokens. */
export type EncodeTexts = (texts: readonly string[]) => Promise<readonly Int32Array[]>;

/**
 * Encodes as `prefix ids EOS`. If BOS and EOS are the same token, so that the prefix is EOS, only the first document
 * gets the prefix. Parts are encoded separately; the last is a completion.
 *
 * @param prefix  the ids in front of every text, such as BOS
 */
export function partsEncoder(encode: EncodeTexts, prefix: readonly number[], eos: number): EncodeContents {
  const isMark = prefix.length === 1 && prefix[0] === eos;
  return async (documents) => {
    const ids = await encode(documents.flatMap(({ parts }) => parts));
    let at = 0;
    return documents.map(({ parts, isFirst }) => {
      const partIds = ids.slice(at, (at += parts.length));
      const before = Int32Array.from(isMark && !isFirst ? [] : prefix);
      const all = concatenate([before, ...partIds, Int32Array.of(eos)]);
      const isAnswer = new Uint8Array(all.length);
      isAnswer.fill(1, all.length - 1 - (partIds.at(-1)?.length ?? 0));
      return { ids: all, isAnswer };
    });
  };
}

/**
 * Encodes conversations as the template renders them. A missing EOS is added, not marked as completion. With `all`,
 * nothing is marked, so the template may render earlier turns differently when more messages follow.
 */
export function chatEncoder(
  tokenizer: Tokenizer,
  render: RenderChat,
  eos: number,
  lossOn: "all" | "completions",
): EncodeContents {
  return async (documents) =>
    documents.map(({ messages }) => {
      const { ids, isAnswer } =
        lossOn === "all"
          ? encodeWhole(tokenizer, render(messages ?? []))
          : encodeChat(tokenizer, render, messages ?? []);
      if (tokenizer.eosIds.includes(ids[ids.length - 1])) return { ids: Int32Array.from(ids), isAnswer };
      return { ids: Int32Array.of(...ids, eos), isAnswer: Uint8Array.of(...isAnswer, 0) };
    });
}

function encodeWhole(tokenizer: Tokenizer, text: string): EncodedChat {
  const ids = tokenizer.encode(text);
  return { ids, isAnswer: new Uint8Array(ids.length) };
}

/** The token that ends a document. @throws StrataError if the tokenizer has no EOS */
export function eosToken({ eosIds }: Pick<Tokenizer, "eosIds">, where: string): number {
  if (eosIds.length > 0) return eosIds[0];
  throw new StrataError("CorpusError", {
    where,
    expected: "a tokenizer with an EOS token, to separate documents",
    got: "one without",
    hint: 'Set "eos_token" in tokenizer_config.json next to tokenizer.json.',
  });
}

function concatenate(arrays: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
