import { fromLetters } from "../encode/byte-letters.js";
import { byteOfToken } from "../encode/byte-tokens.js";
import type { DecoderStep } from "./decoder.js";

/** Each token becomes another text, whatever stood before it. */
export function mapTokens(map: (token: string, isFirst: boolean) => string): DecoderStep {
  let isFirst = true;
  return {
    push(token) {
      const text = map(token, isFirst);
      isFirst = false;
      return [text];
    },
    end: () => [],
  };
}

/** Byte letters become bytes, and these UTF-8; a token in other letters stands for itself. Half a character waits for its rest. */
export function decodeByteLetters(): DecoderStep {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    push: (token) => [decoder.decode(fromLetters(token) ?? Buffer.from(token), { stream: true })],
    end: () => [decoder.decode()],
  };
}

/** Tokens of bytes side by side become one text: their UTF-8, or U+FFFD for each if it is none. */
export function decodeByteTokens(): DecoderStep {
  let bytes: number[] = [];
  const flush = (): string[] => {
    if (bytes.length === 0) return [];
    const run = Uint8Array.from(bytes);
    bytes = [];
    try {
      return [new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(run)];
    } catch {
      return ["\ufffd".repeat(run.length)];
    }
  };
  return {
    push(token) {
      const byte = byteOfToken(token);
      if (byte === null) return [...flush(), token];
      bytes.push(byte);
      return [];
    },
    end: flush,
  };
}

/** Takes up to `start` characters `content` from the begin of the whole text and up to `stop` from its end. */
export function stripText(content: string, start: number, stop: number): DecoderStep {
  let left = start;
  let held = "";
  return {
    push(token) {
      let text = held + token;
      held = "";
      for (; left > 0 && text !== ""; left--) {
        if (!text.startsWith(content)) left = 1;
        else text = text.slice(content.length);
      }
      while (held.length < stop * content.length && text.endsWith(content)) {
        held += content;
        text = text.slice(0, -content.length);
      }
      return [text];
    },
    end: () => [],
  };
}

/** Keeps everything until the end and replaces then. */
export function replaceInText(replace: (text: string) => string): DecoderStep {
  const parts: string[] = [];
  return {
    push(token) {
      parts.push(token);
      return [];
    },
    end: () => [replace(parts.join(""))],
  };
}
