import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { StrataError, type ErrorKind, type ErrorParts } from "../../errors/strata-error.js";
import type { EncodedTexts } from "../encode/encoded-texts.js";

/** What a thread answers to a list of texts. */
export type EncodeReply =
  | { readonly encoded: EncodedTexts }
  | { readonly refused: { readonly kind: ErrorKind; readonly parts: ErrorParts } };

/** Texts under way, and whom to tell. */
export interface EncodeTask {
  readonly texts: readonly string[];
  resolve(encoded: EncodedTexts): void;
  reject(error: Error): void;
}

export interface WorkerThread {
  /** How many tasks it has not answered. */
  readonly load: number;
  give(task: EncodeTask): void;
  /** Ends it; its tasks are rejected. */
  end(reason: Error): Promise<void>;
}

/** Of texts and pieces, which are soon done with. V8's own choice is 48, which each thread would fill. */
const youngMegabytes = 8;

/**
 * A thread that keeps the process from ending only while it has tasks.
 *
 * @param onIdle  called after each answer
 * @param onDeath  called when the thread has ended by itself, such as for want of memory
 */
export function startWorkerThread(folder: string, onIdle: () => void, onDeath: (error: Error) => void): WorkerThread {
  // The compiled module, also where the program's TypeScript itself is run, as tests do.
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
    const task = tasks.shift() as EncodeTask;
    if ("encoded" in reply) task.resolve(reply.encoded);
    else task.reject(new StrataError(reply.refused.kind, reply.refused.parts));
    if (tasks.length === 0) worker.unref();
    onIdle();
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
    expected: "a thread that encodes until it is told to end",
    got,
    hint: "If memory ran out, use fewer threads or shorter texts.",
  });
}
