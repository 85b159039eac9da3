import { syncFiles } from "../../files/sync-files.js";

/** Flushes files regularly, while the next tensors are written, so that a crash of the machine loses little. */
export interface Flusher {
  /**
   * Starts a flush if enough was written since the last one started, which it waits for.
   *
   * @param count  of the tensors that are written
   */
  wrote(bytes: number, count: number): Promise<void>;
  /** Flushes everything. */
  finish(): Promise<void>;
  /** Waits for a flush that is running, even if it fails: then the files can be closed. */
  settled(): Promise<void>;
}

const flushBytes = 1 << 28;

/**
 * @param paths      of the files
 * @param onFlushed  called after a flush with the number of tensors that were written before it started
 */
export function createFlusher(paths: readonly string[], onFlushed: (count: number) => void): Flusher {
  let unflushed = 0;
  let running: Promise<unknown> = Promise.resolve();
  return {
    async wrote(bytes, count) {
      unflushed += bytes;
      if (unflushed < flushBytes) return;
      await running;
      unflushed = 0;
      running = syncFiles(paths).then(() => onFlushed(count));
      // Reported when it is waited for.
      running.catch(() => {});
    },
    async finish() {
      await running;
      await syncFiles(paths);
    },
    async settled() {
      await Promise.allSettled([running]);
    },
  };
}
