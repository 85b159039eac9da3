import { closeSync, existsSync, ftruncateSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileError } from "../../files/atomic-file.js";
import { directTransfers, type Transfers } from "../core/transfers.js";
import { fillChecksums, withChecksums } from "../../tensor/tensor-checksums.js";
import type { PlannedShard } from "../plan/merge-plan.js";

/** A file of weights of known layout, into which tensors are written in any order. */
export interface ShardFile {
  readonly path: string;
  /**
   * Starts to write bytes of a tensor, which do not change until the returned function, which waits for the end, has
   * been called.
   *
   * @param at  position in the tensor
   */
  write(tensor: string, at: number, bytes: Uint8Array): () => void;
  /** Writes the checksums of its tensors, by name, into the header. */
  finish(checksums: ReadonlyMap<string, number>): void;
  close(): void;
}

/** The length of the header, the header padded to 8 bytes, and the position of each tensor. */
function layoutOf({ tensors }: PlannedShard): { header: Buffer; positions: ReadonlyMap<string, number>; size: number } {
  const entries: Record<string, unknown> = { __metadata__: withChecksums({ format: "pt" }, tensors.length) };
  const offsets: [string, number][] = [];
  let end = 0;
  for (const { name, tag, shape, byteLength } of tensors) {
    entries[name] = { dtype: tag, shape, data_offsets: [end, end + byteLength] };
    offsets.push([name, end]);
    end += byteLength;
  }
  const text = Buffer.from(JSON.stringify(entries));
  const padding = Buffer.alloc((8 - (text.length % 8)) % 8, " ");
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length + padding.length));
  const header = Buffer.concat([prefix, text, padding]);
  const positions = new Map(offsets.map(([name, offset]) => [name, header.length + offset]));
  return { header, positions, size: header.length + end };
}

/** Whether the file is there with all its room, so that tensors that were written to it count. */
export function hasShardFile(folder: string, shard: PlannedShard): boolean {
  const path = join(folder, shard.name);
  return existsSync(path) && statSync(path).size === layoutOf(shard).size;
}

/** Opens a shard, created if it is not there, with its header written. */
export function openShardFile(folder: string, shard: PlannedShard, transfers: Transfers): ShardFile {
  const path = join(folder, shard.name);
  const { header, positions, size } = layoutOf(shard);
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw fileError(path, "write the file", error);
    }
  };
  const descriptor = attempt(() => openSync(path, existsSync(path) ? "r+" : "w+"));
  attempt(() => directTransfers.write(descriptor, header, 0));
  attempt(() => ftruncateSync(descriptor, size));
  return {
    path,
    write(tensor, at, bytes) {
      const position = (positions.get(tensor) as number) + at;
      const finish = attempt(() => transfers.write(descriptor, bytes, position));
      return () => attempt(finish);
    },
    finish(checksums) {
      fillChecksums(
        header,
        shard.tensors.map(({ name }) => checksums.get(name) as number),
      );
      attempt(() => directTransfers.write(descriptor, header, 0));
    },
    close: () => closeSync(descriptor),
  };
}
