import { StrataError } from "../../errors/strata-error.js";
import { createTextEncoder, separateTexts, type EncodedTexts, type EncodeTexts } from "../encode/encoded-texts.js";
import { openTokenizer } from "../tokenizer.js";
import { startWorkerThread, type EncodeTask } from "./worker-thread.js";

/** Encodes texts on several threads. The ids do not depend on the number of threads. */
export interface EncodePool {
  /** The ids of each text, in order. @throws StrataError if the tokenizer cannot be read or a thread dies */
  encode(texts: readonly string[]): Promise<readonly Int32Array[]>;
  /** Terminates the threads; pending calls are rejected. */
  close(): Promise<void>;
}

/** The maximum size of a task in UTF-16 units; a longer text is one task. */
const unitsPerTask = 2 ** 18;

/** The second task keeps a thread busy after the first; further tasks wait in the queue. */
const tasksPerThread = 2;

/**
 * @param folder  as for `openTokenizer`; each thread opens it for its first task
 * @param threads  1 encodes on the calling thread
 */
export function openEncodePool(folder: string, threads: number): EncodePool {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new StrataError("TokenizerError", {
      where: "threads",
      expected: "a whole number of 1 or more",
      got: String(threads),
      hint: "Use the number of CPU cores.",
    });
  }
  return threads === 1 ? createInline(folder) : createPool(folder, threads);
}

function createInline(folder: string): EncodePool {
  let encode: EncodeTexts | null = null;
  let isClosed = false;
  return {
    async encode(texts) {
      if (isClosed) throw closed(folder);
      encode ??= createTextEncoder(openTokenizer(folder));
      return separateTexts(encode(texts));
    },
    async close() {
      isClosed = true;
    },
  };
}

function createPool(folder: string, count: number): EncodePool {
  const queue: EncodeTask[] = [];
  let failure: Error | null = null;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const task of queue.splice(0)) task.reject(failure);
  };
  const feed = (): void => {
    while (queue.length > 0) {
      const leastLoaded = threads.reduce((a, b) => (b.load < a.load ? b : a));
      if (leastLoaded.load >= tasksPerThread) return;
      leastLoaded.give(queue.shift() as EncodeTask);
    }
  };
  const threads = Array.from({ length: count }, () => startWorkerThread(folder, feed, fail));
  return {
    async encode(texts) {
      if (failure) throw failure;
      const parts = splitIntoTasks(texts).map(
        (part) => new Promise<EncodedTexts>((resolve, reject) => queue.push({ texts: part, resolve, reject })),
      );
      feed();
      return (await Promise.all(parts)).flatMap(separateTexts);
    },
    async close() {
      fail(closed(folder));
      await Promise.all(threads.map((thread) => thread.end(failure as Error)));
    },
  };
}

/** Splits the texts into tasks. */
function splitIntoTasks(texts: readonly string[]): string[][] {
  const parts: string[][] = [];
  let units = Infinity;
  for (const text of texts) {
    if (units + text.length > unitsPerTask) {
      parts.push([]);
      units = 0;
    }
    parts[parts.length - 1].push(text);
    units += text.length;
  }
  return parts;
}

function closed(folder: string): StrataError {
  return new StrataError("TokenizerError", {
    where: folder,
    expected: "an open encode pool",
    got: "a closed pool",
    hint: "Close the pool only after the last texts are encoded.",
  });
}
