import { readFileSync } from "node:fs";
import { openEncodePool } from "#strata/tokenizer/pool/encode-pool.js";
import { trainTokenizer } from "#strata/tokenizer/tokenizer.js";
import type { Assignment, MergesWork, TokenizingWork } from "../work.js";
import type { Prepared } from "./prepared.js";

/** Encodes documents, one part per call. Units are bytes of text. */
export async function prepareTokenizing(work: Assignment<TokenizingWork>): Promise<Prepared> {
  const pool = openEncodePool(work.tokenizer, work.tokenizerThreads);
  const parts = readParts(work.texts);
  const sizes = parts.map(byteLength);
  let calls = 0;
  const run = async () => {
    const at = calls++ % parts.length;
    await pool.encode(parts[at]);
    return sizes[at];
  };
  const ids = (await pool.encode(parts[0])).flatMap((own) => Array.from(own));
  const step = Math.floor(ids.length / 50);
  return { run, proof: [ids.length, ids.reduce((sum, id) => sum + id, 0), ...ids.filter((_, i) => i % step === 0)] };
}

/** Trains a BPE on documents. Units are bytes of text. */
export async function prepareMerges(work: Assignment<MergesWork>): Promise<Prepared> {
  const texts = readParts(work.texts).flat();
  const size = byteLength(texts);
  const learn = () => trainTokenizer(texts, { vocabSize: work.vocabSize });
  const run = async () => {
    await learn();
    return size;
  };
  const { merges } = await learn();
  return { run, proof: [2 * merges.length, ...merges.flat()] };
}

/** One part per line: a list of documents. */
function readParts(path: string): string[][] {
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as string[]);
}

function byteLength(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
