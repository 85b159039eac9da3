import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { fileError } from "../files/atomic-file.js";
import { StrataError } from "../errors/strata-error.js";

/**
 * Caches on disk the output of the frozen layers below a window for each sequence, so that later passes over the data
 * skip these layers. The cache is exact (f32 as computed) and lasts only as long as the process.
 */
export interface PrefixCache {
  /** [B·T·D] of sequences `sequence` … `sequence + B − 1` modulo `sequences`; null unless all are cached. */
  read(sequence: number, B: number): Float32Array | null;
  /** @param stream  [B·T·D] */
  keep(sequence: number, B: number, stream: Float32Array): void;
  /** Removes the file. */
  close(): void;
}

export interface PrefixCacheOptions {
  readonly path: string;
  /** Sequences of one pass over the data. */
  readonly sequences: number;
  /** T·D */
  readonly elementsPerSequence: number;
  /** Sequences that do not fit are not cached. */
  readonly maxBytes: number;
}

export function createPrefixCache({ path, sequences, elementsPerSequence, maxBytes }: PrefixCacheOptions): PrefixCache {
  const bytes = elementsPerSequence * Float32Array.BYTES_PER_ELEMENT;
  const isKept = new Uint8Array(Math.min(sequences, Math.floor(maxBytes / bytes)));
  const file = attempt("create the file", path, () => openSync(path, "w+"));
  const indices = (sequence: number, B: number) => Array.from({ length: B }, (_, b) => (sequence + b) % sequences);
  return {
    read(sequence, B) {
      const wanted = indices(sequence, B);
      if (!wanted.every((index) => isKept[index] === 1)) return null;
      const stream = new Float32Array(B * elementsPerSequence);
      wanted.forEach((index, b) => {
        const target = new Uint8Array(stream.buffer, b * bytes, bytes);
        const count = attempt("read the file", path, () => readSync(file, target, 0, bytes, index * bytes));
        if (count !== bytes) throw truncated(path, bytes, count);
      });
      return stream;
    },
    keep(sequence, B, stream) {
      indices(sequence, B).forEach((index, b) => {
        if (index >= isKept.length || isKept[index] === 1) return;
        const source = new Uint8Array(stream.buffer, stream.byteOffset + b * bytes, bytes);
        attempt("write the file", path, () => {
          for (let at = 0; at < bytes;) at += writeSync(file, source, at, bytes - at, index * bytes + at);
        });
        isKept[index] = 1;
      });
    },
    close() {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
}

function attempt<T>(operation: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileError(path, operation, error);
  }
}

function truncated(path: string, expected: number, got: number): StrataError {
  return new StrataError("FileError", {
    where: path,
    expected: `${expected} bytes of a sequence`,
    got: `${got}`,
    hint: "Another program changed the file. Run the same command again, which creates a new one.",
  });
}
