/** A thread of the encode pool: replies to lists of texts with their ids, in order. */
import { parentPort, workerData } from "node:worker_threads";
import { StrataError } from "../../errors/strata-error.js";
import { createTextEncoder, type EncodeTexts } from "../encode/encoded-texts.js";
import { openTokenizer } from "../tokenizer.js";
import type { EncodeReply } from "./worker-thread.js";

let encode: EncodeTexts | null = null;

function answer(texts: readonly string[]): EncodeReply {
  try {
    encode ??= createTextEncoder(openTokenizer(workerData as string));
    return { encoded: encode(texts) };
  } catch (error) {
    // An error's class and parts are lost when it is sent between threads.
    if (error instanceof StrataError) return { refused: { kind: error.kind, parts: error.parts } };
    throw error;
  }
}

parentPort?.on("message", (texts: readonly string[]) => {
  const reply = answer(texts);
  parentPort?.postMessage(reply, "encoded" in reply ? [reply.encoded.ids.buffer, reply.encoded.lengths.buffer] : []);
});
