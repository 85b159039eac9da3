import { closeSync, openSync, readSync } from "node:fs";
import { createAtomicFile } from "../tensor/atomic-file.js";
import { StrataError } from "../tensor/errors.js";

export type TokenBytes = 2 | 4;

/** Writes documents of tokens: ids in `tokens` (uint16 or uint32), the start of each in `starts` (uint64), and the end. */
export interface TokenWriter {
  add(ids: ArrayLike<number>): void;
  /** @returns documents and tokens written */
  commit(): { readonly documents: number; readonly tokens: number };
  abandon(): void;
}

const bufferBytes = 1 << 20;

export function createTokenWriter(tokensPath: string, startsPath: string, tokenBytes: TokenBytes): TokenWriter {
  const tokenFile = createAtomicFile(tokensPath);
  const startFile = createAtomicFile(startsPath);
  const tokenBuffer = tokenBytes === 2 ? new Uint16Array(bufferBytes / 2) : new Uint32Array(bufferBytes / 4);
  const startBuffer = new BigUint64Array(bufferBytes / 8);
  let [tokens, documents, tokenFill, startFill] = [0, 0, 0, 0];
  const flushTokens = () => {
    tokenFile.write(new Uint8Array(tokenBuffer.buffer, 0, tokenFill * tokenBytes));
    tokenFill = 0;
  };
  const flushStarts = () => {
    startFile.write(new Uint8Array(startBuffer.buffer, 0, startFill * 8));
    startFill = 0;
  };
  const addStart = () => {
    if (startFill === startBuffer.length) flushStarts();
    startBuffer[startFill++] = BigInt(tokens);
  };
  return {
    add(ids) {
      addStart();
      for (let i = 0; i < ids.length; i++) {
        if (tokenFill === tokenBuffer.length) flushTokens();
        tokenBuffer[tokenFill++] = ids[i];
      }
      tokens += ids.length;
      documents++;
    },
    commit() {
      addStart();
      flushTokens();
      flushStarts();
      tokenFile.commit();
      startFile.commit();
      return { documents, tokens };
    },
    abandon() {
      tokenFile.abandon();
      startFile.abandon();
    },
  };
}

/** Random access to the elements of a file, through one buffered piece. */
export interface ElementReader {
  /** Elements [from, from + length) as numbers; valid until the next call. */
  read(from: number, length: number): ArrayLike<number>;
  close(): void;
}

export function openElements(path: string, elementBytes: TokenBytes | 8): ElementReader {
  const descriptor = openSync(path, "r");
  const bytesOf = (from: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length * elementBytes);
    const count = readSync(descriptor, bytes, 0, bytes.length, from * elementBytes);
    if (count === bytes.length) return bytes;
    throw new StrataError("CorpusError", {
      where: path,
      expected: `${length} elements from ${from}`,
      got: `${Math.floor(count / elementBytes)}`,
      hint: "The file is truncated: remove the folder it is in and run again.",
    });
  };
  return {
    read(from, length) {
      const { buffer } = bytesOf(from, length);
      if (elementBytes === 2) return new Uint16Array(buffer);
      return elementBytes === 4 ? new Uint32Array(buffer) : Array.from(new BigUint64Array(buffer), Number);
    },
    close: () => closeSync(descriptor),
  };
}
