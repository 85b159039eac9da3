import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { StrataError, type ErrorKind, type ErrorParts } from "../../errors/strata-error.js";
import type { EncodedTexts } from "../encode/encoded-texts.js";

/** A thread's reply to a list of texts. */
export type EncodeReply =
  | { readonly encoded: EncodedTexts }
  | { readonly refused: { readonly kind: ErrorKind; readonly parts: ErrorParts } };

/** Texts to encode, with the callbacks for the result. */
export interface EncodeTask {
  readonly texts: readonly string[];
  resolve(encoded: EncodedTexts): void;
  reject(error: Error): void;
}

export interface WorkerThread {
  /** The number of pending tasks. */
  readonly load: number;
  give(task: EncodeTask): void;
  /** Terminates the thread; its tasks are rejected with `reason`. */
  end(reason: Error): Promise<void>;
}

/** V8's young generation per thread. Its objects are short-lived; each thread would fill the default of 48 MB. */
const youngMegabytes = 8;

/**
 * Starts a thread that keeps the process alive only while it has tasks.
 *
 * @param onReply  called after each reply
 * @param onDeath  called when the thread dies, for example because it runs out of memory
 */
export function startWorkerThread(folder: string, onReply: () => void, onDeath: (error: Error) => void): WorkerThread {
  // Always the compiled module, even when TypeScript sources run directly, as in tests.
  const program = createRequire(import.meta.url).resolve("#strata/tokenizer/pool/encode-worker.js");
  const worker = new Worker(program, {
    workerData: folder,
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
  });
  worker.unref();
  const tasks: EncodeTask[] = [];
  const fail = (error: Error): void => {
    for (const task of tasks.splice(0)) task.reject(error);
  };
  const die = (got: string): void => {
    const error = died(folder, got);
    fail(error);
    onDeath(error);
  };
  worker.on("message", (reply: EncodeReply) => {
    const task = tasks.shift();
    // The thread may have replied just before it was ended.
    if (task === undefined) return;
    if ("encoded" in reply) task.resolve(reply.encoded);
    else task.reject(new StrataError(reply.refused.kind, reply.refused.parts));
    if (tasks.length === 0) worker.unref();
    onReply();
  });
  worker.on("error", (error) => die(error.message));
  return {
    get load() {
      return tasks.length;
    },
    give(task) {
      tasks.push(task);
      worker.ref();
      worker.postMessage(task.texts);
    },
    async end(reason) {
      fail(reason);
      await worker.terminate();
    },
  };
}

function died(folder: string, got: string): StrataError {
  return new StrataError("TokenizerError", {
    where: folder,
    expected: "an encode thread that runs until the pool is closed",
    got,
    hint: "If memory ran out, use fewer threads or shorter texts.",
  });
}
