import { readSync, writeSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import type { NativeAddon, NativeContext } from "../../device/cpu/native-addon.js";

/** Moves bytes between memory and open files, by threads that have no arithmetic to do. */
export interface Transfers {
  /**
   * Fills `bytes` with those of the file from a position on.
   *
   * @returns their number, fewer than asked for only where the file ends
   * @throws Error of the system, with its `code`
   */
  read(descriptor: number, bytes: Uint8Array, position: number): number;
  /**
   * Starts to write `bytes`, which do not change until the returned function, which waits for the end, has been called.
   * That function throws as `read` does, once.
   */
  write(descriptor: number, bytes: Uint8Array, position: number): () => void;
  /** Says what will be read soon, so that the system can bring it into its cache. */
  expect(descriptor: number, position: number, length: number): void;
}

/** A single call of the system moves at most 2 GiB. */
const callBytes = 1 << 30;

/** Without threads: at once. */
export const directTransfers: Transfers = {
  read(descriptor, bytes, position) {
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(descriptor, bytes, at, Math.min(bytes.length - at, callBytes), position + at);
      if (count === 0) break;
      at += count;
    }
    return at;
  },
  write(descriptor, bytes, position) {
    for (let at = 0; at < bytes.length;) {
      at += writeSync(descriptor, bytes, at, Math.min(bytes.length - at, callBytes), position + at);
    }
    return () => {};
  },
  expect() {},
};

export function nativeTransfers(addon: NativeAddon, context: NativeContext): Transfers {
  const finish = (transfer: number): number => {
    const moved = addon.finishTransfer(context, transfer);
    if (moved >= 0) return moved;
    const code = getSystemErrorName(moved);
    throw Object.assign(new Error(code), { code });
  };
  return {
    read: (descriptor, bytes, position) => finish(addon.startTransfer(context, descriptor, false, bytes, position)),
    write(descriptor, bytes, position) {
      let transfer: number | null = addon.startTransfer(context, descriptor, true, bytes, position);
      return () => {
        if (transfer === null) return;
        const started = transfer;
        transfer = null;
        // A write that moves nothing is refused with a code by the systems that Strata knows.
        if (finish(started) < bytes.length) throw Object.assign(new Error("EIO"), { code: "EIO" });
      };
    },
    expect: (descriptor, position, length) => addon.expectRead(context, descriptor, position, length),
  };
}
