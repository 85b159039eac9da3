import { fromCharacters } from "../encode/bytes-to-unicode.js";
import { byteOfToken } from "../encode/byte-tokens.js";
import type { DecoderStep } from "./decoder.js";

/** Maps each token independently of the others. */
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

/**
 * Decodes the characters of `bytesToUnicode` to bytes, and these as UTF-8; a token with any other character is kept
 * unchanged. The bytes of an incomplete character are held back.
 */
export function decodeByteLevel(): DecoderStep {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    push: (token) => [decoder.decode(fromCharacters(token) ?? Buffer.from(token), { stream: true })],
    end: () => [decoder.decode()],
  };
}

/** Decodes each run of byte-fallback tokens as UTF-8; an invalid run becomes one U+FFFD per byte. */
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

/** Removes up to `start` occurrences of `content` from the start of the whole text and up to `stop` from its end. */
export function stripText(content: string, start: number, stop: number): DecoderStep {
  let remaining = start;
  let held = "";
  return {
    push(token) {
      let text = held + token;
      held = "";
      for (; remaining > 0 && text !== ""; remaining--) {
        if (!text.startsWith(content)) remaining = 1;
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

/** Collects the whole text and replaces at the end. */
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
