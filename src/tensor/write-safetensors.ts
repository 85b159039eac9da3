import { createAtomicFile } from "../files/atomic-file.js";
import { crcOf } from "../files/crc32.js";
import { damaged } from "./safetensors-header.js";
import { formatHeader, tensorBytes, type TensorEntry, type WrittenEntry } from "./safetensors.js";
import { fillChecksums, withChecksums } from "./tensor-checksums.js";

/** A safetensors file with checksums that is written from start to end. */
export interface SafetensorsWriter {
  /** Appends to the data, tensor after tensor in the order of the entries. @throws StrataError as an `AtomicFile` */
  write(bytes: Uint8Array): void;
  /** Writes the checksums into the header and finishes the file. @throws StrataError unless all data are written */
  commit(): void;
  /** Removes what was written. Does nothing after `commit`. */
  abandon(): void;
}

/**
 * Starts a file with its header. Readers verify the checksum of each tensor, which is computed while it is written.
 *
 * @param flush  false if a running job flushes it at its end
 */
export function createSafetensors(
  path: string,
  entries: readonly WrittenEntry[],
  metadata: Readonly<Record<string, string>> = { format: "pt" },
  flush = true,
): SafetensorsWriter {
  const file = createAtomicFile(path, flush);
  const header = formatHeader(entries, withChecksums(metadata, entries.length));
  const sizes = entries.map(tensorBytes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const sums = sumTensors(sizes);
  file.write(header);
  return {
    write(bytes) {
      file.write(bytes);
      sums.add(bytes);
    },
    commit() {
      if (sums.added() !== total) {
        file.abandon();
        throw damaged(path, `${total} bytes of tensors to write`, `${sums.added()}`);
      }
      fillChecksums(header, sums.values());
      file.overwrite(0, header);
      file.commit();
    },
    abandon: file.abandon,
  };
}

/** Computes the CRC-32 of each of several tensors whose bytes are added in order, in any chunks. */
function sumTensors(sizes: readonly number[]) {
  const values = sizes.map(() => 0);
  /** The tensor that is added, and how many of its bytes were. */
  let [at, done] = [0, 0];
  let added = 0;
  return {
    add(bytes: Uint8Array): void {
      added += bytes.length;
      for (let from = 0; from < bytes.length && at < sizes.length;) {
        const count = Math.min(bytes.length - from, sizes[at] - done);
        values[at] = crcOf(bytes.subarray(from, from + count), values[at]);
        [from, done] = [from + count, done + count];
        if (done === sizes[at]) [at, done] = [at + 1, 0];
      }
    },
    /** Bytes, also those beyond the last tensor. */
    added: () => added,
    values: () => values,
  };
}

/** Returns a tensor's bytes in one or several chunks; called once per entry. */
export type TensorChunks = (entry: TensorEntry) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a safetensors file, tensor by tensor, in the order of `entries`.
 *
 * @param isOutput  the file is an output of a running job, which flushes it at the end
 * @throws StrataError if the chunks of a tensor do not add up to its size; `path` is then not written
 */
export async function writeSafetensors(
  path: string,
  entries: readonly TensorEntry[],
  chunks: TensorChunks,
  metadata: Readonly<Record<string, string>> = { format: "pt" },
  isOutput = false,
): Promise<void> {
  const file = createSafetensors(path, entries, metadata, !isOutput);
  try {
    for (const entry of entries) {
      const byteLength = tensorBytes(entry);
      let written = 0;
      for await (const chunk of chunks(entry)) {
        file.write(chunk);
        written += chunk.byteLength;
      }
      if (written !== byteLength) throw damaged(`${path} ${entry.name}`, `${byteLength} bytes to write`, `${written}`);
    }
    file.commit();
  } finally {
    file.abandon();
  }
}
