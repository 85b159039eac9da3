import { StrataError } from "../../errors/strata-error.js";
import { createTextEncoder, separateTexts, type EncodedTexts, type EncodeTexts } from "../encode/encoded-texts.js";
import { openTokenizer } from "../tokenizer.js";
import { startWorkerThread, type EncodeTask } from "./worker-thread.js";

/** Encodes with several threads. The ids do not depend on their number. */
export interface EncodePool {
  /** The ids of each text, in the order of the texts. @throws StrataError if the tokenizer cannot be read, or a thread dies */
  encode(texts: readonly string[]): Promise<readonly Int32Array[]>;
  /** Ends the threads; what is still under way is rejected. */
  close(): Promise<void>;
}

/** Characters that go to a thread at a time; a longer text goes alone. */
const charactersAtATime = 2 ** 18;

/** So that a thread need not wait for its next texts; further ones stay with the caller's. */
const tasksPerThread = 2;

/**
 * @param folder  as for `openTokenizer`; each thread opens it at its first texts
 * @param threads  1 encodes in the caller's own thread
 */
export function openEncodePool(folder: string, threads: number): EncodePool {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new StrataError("TokenizerError", {
      where: "threads",
      expected: "a whole number of 1 or more",
      got: String(threads),
      hint: "As many as there are cores are best.",
    });
  }
  return threads === 1 ? createOwnThread(folder) : createPool(folder, threads);
}

function createOwnThread(folder: string): EncodePool {
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
      const idlest = threads.reduce((a, b) => (b.load < a.load ? b : a));
      if (idlest.load >= tasksPerThread) return;
      idlest.give(queue.shift() as EncodeTask);
    }
  };
  const threads = Array.from({ length: count }, () => startWorkerThread(folder, feed, fail));
  return {
    async encode(texts) {
      if (failure) throw failure;
      const parts = cutList(texts).map(
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

/** Cuts the list where it has enough characters for one task. */
function cutList(texts: readonly string[]): string[][] {
  const parts: string[][] = [];
  let characters = Infinity;
  for (const text of texts) {
    if (characters + text.length > charactersAtATime) {
      parts.push([]);
      characters = 0;
    }
    parts[parts.length - 1].push(text);
    characters += text.length;
  }
  return parts;
}

function closed(folder: string): StrataError {
  return new StrataError("TokenizerError", {
    where: folder,
    expected: "an open encode pool",
    got: "one that was closed",
    hint: "Close it after the last texts have their ids.",
  });
}
