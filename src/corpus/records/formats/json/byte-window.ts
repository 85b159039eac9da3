import { countLineBreaks } from "../split-bytes.js";

/** The part of a stream of bytes that is searched. Positions count from its start. */
export interface ByteWindow {
  /** The bytes that were read and not dropped; valid until the next call of `more`. */
  rest(): Buffer;
  /** The line of the first byte, from 1. */
  line(): number;
  /** Appends the next chunk. @returns false at the end of the stream */
  more(): Promise<boolean>;
  /** Drops bytes at the start. */
  drop(count: number): void;
  /** Drops the rest of the line with its line break. */
  dropLine(): Promise<void>;
  /** Drops whitespace and byte order marks. @returns false if that needs more bytes */
  dropSpace(): boolean;
  /** The position of the first line break, or -1. */
  lineEnd(): number;
}

const lineBreak = 10;
const byteOrderMark = Buffer.from("\ufeff");

export function openByteWindow(chunks: AsyncIterable<Buffer>): ByteWindow {
  const source = chunks[Symbol.asyncIterator]();
  let bytes: Buffer = Buffer.alloc(0);
  let [at, line, searched] = [0, 1, 0];
  let isEnded = false;
  const more = async (): Promise<boolean> => {
    const { value, done } = await source.next();
    isEnded = done === true;
    if (done) return false;
    bytes = at === bytes.length ? value : Buffer.concat([bytes.subarray(at), value]);
    [searched, at] = [Math.max(0, searched - at), 0];
    return true;
  };
  const drop = (count: number): void => {
    line += countLineBreaks(bytes.subarray(at, at + count));
    at += count;
    searched = at;
  };
  const lineEnd = (): number => {
    const end = bytes.indexOf(lineBreak, Math.max(at, searched));
    searched = end === -1 ? bytes.length : end;
    return end === -1 ? -1 : end - at;
  };
  return {
    rest: () => bytes.subarray(at),
    line: () => line,
    more,
    drop,
    lineEnd,
    async dropLine() {
      for (let end = lineEnd(); ; end = lineEnd()) {
        if (end !== -1) return drop(end + 1);
        drop(bytes.length - at);
        if (!(await more())) return;
      }
    },
    dropSpace() {
      for (; at < bytes.length; at++) {
        const byte = bytes[at];
        if (byte === lineBreak) line++;
        else if (byte === byteOrderMark[0]) {
          if (bytes.length - at < 3 && !isEnded) return false;
          if (!bytes.subarray(at, at + 3).equals(byteOrderMark)) break;
          at += 2;
        } else if (byte !== 32 && byte !== 9 && byte !== 13) break;
      }
      return at < bytes.length;
    },
  };
}
