import type { Tokenizer } from "./tokenizer.js";

/** Text from tokens that come one at a time. A character is given out when its last byte is there. */
export interface TextStream {
  push(id: number): string;
  /** What is left: U+FFFD for half a character, or nothing. */
  end(): string;
}

/** @param tokenizer  its special tokens are left out */
export function createTextStream(tokenizer: Pick<Tokenizer, "bytes" | "isSpecial">): TextStream {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    push: (id) => (tokenizer.isSpecial(id) ? "" : decoder.decode(tokenizer.bytes(id), { stream: true })),
    end: () => decoder.decode(),
  };
}
