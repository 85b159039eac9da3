import type { DeviceBuffer } from "../../device/kernels.js";
import {
  forwardCached,
  copySequence,
  type KeyValueCache,
  type PassBuffers,
  type CachedRun,
} from "./key-value-cache.js";

/** Rows that go through the layers at a time; bounds the memory of activations. */
export const passRows = 2048;
/** A pass with fewer rows is filled up, so that a prompt meets the same kernels alone and in company. */
export const minPassRows = 64;

/** A prompt for a sequence of the cache. */
export interface PlacedPrompt {
  readonly sequence: number;
  readonly prompt: readonly number[];
}

/** The tokens that all prompts begin with, less than the whole of any: worth a pass of their own if there are many. */
export function sharedPrefix(prompts: readonly (readonly number[])[]): readonly number[] {
  if (prompts.length < 2) return [];
  const [first] = prompts;
  let length = prompts.reduce((least, prompt) => Math.min(least, prompt.length - 1), first.length);
  for (const prompt of prompts) {
    let common = 0;
    while (common < length && prompt[common] === first[common]) common++;
    length = common;
  }
  return length >= minPassRows / 2 ? first.slice(0, length) : [];
}

/**
 * Reads prompts into the cache, several in a pass. A prompt is cut at the same places whatever is read beside it.
 *
 * @param prefix   that all prompts begin with; the last sequence of the cache holds it
 * @param onEnd    called after a pass with the numbers of the prompts that ended in it, and what the head reads at their
 *                 last tokens
 */
export async function prefill(
  cache: KeyValueCache,
  buffers: PassBuffers,
  prompts: readonly PlacedPrompt[],
  prefix: number,
  onEnd: (normed: DeviceBuffer, ended: readonly number[]) => Promise<void>,
): Promise<void> {
  for (const { sequence } of prefix > 0 ? prompts : []) copySequence(cache, cache.B - 1, sequence, prefix);
  for (const pass of passes(prompts, prefix)) {
    const N = pass.reduce((sum, { count }) => sum + count, 0);
    const ids = new Int32Array(Math.max(N, minPassRows));
    let next = 0;
    const [rows, ended]: [number[], number[]] = [[], []];
    for (const { number, start, count } of pass) {
      const { prompt } = prompts[number];
      ids.set(prompt.slice(start, start + count), next);
      next += count;
      if (start + count === prompt.length) {
        rows.push(next - 1);
        ended.push(number);
      }
    }
    await onEnd(forwardCached(cache, buffers, ids, pass, rows), ended);
  }
}

type NumberedStretch = CachedRun & { readonly number: number };

/** Prompts in pieces of at most `passRows`, as many to a pass as it holds. */
function passes(prompts: readonly PlacedPrompt[], prefix: number): NumberedStretch[][] {
  const all: NumberedStretch[][] = [];
  let left = 0;
  prompts.forEach(({ sequence, prompt }, number) => {
    for (let start = prefix; start < prompt.length; start += passRows) {
      const count = Math.min(passRows, prompt.length - start);
      if (count > left) {
        all.push([]);
        left = passRows;
      }
      all[all.length - 1].push({ sequence, start, count, number });
      left -= count;
    }
  });
  return all;
}
