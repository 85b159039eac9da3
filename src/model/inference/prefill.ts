import type { DeviceBuffer } from "../../device/kernels.js";
import {
  forwardCached,
  copySequence,
  type KeyValueCache,
  type PassBuffers,
  type CachedRun,
} from "./key-value-cache.js";

/** Largest number of rows of a pass; bounds the memory of activations. */
export const passRows = 2048;
/** Smaller passes are padded, so that the same kernels compute a prompt alone and together with others. */
export const minPassRows = 64;

/** A prompt and its sequence in the cache. */
export interface PlacedPrompt {
  readonly sequence: number;
  readonly prompt: readonly number[];
}

/** The tokens that all prompts begin with, a proper prefix of each; empty if too short for a separate prefill. */
export function sharedPrefix(prompts: readonly (readonly number[])[]): readonly number[] {
  if (prompts.length < 2) return [];
  const [first] = prompts;
  let length = prompts.reduce((min, prompt) => Math.min(min, prompt.length - 1), first.length);
  for (const prompt of prompts) {
    let common = 0;
    while (common < length && prompt[common] === first[common]) common++;
    length = common;
  }
  return length >= minPassRows / 2 ? first.slice(0, length) : [];
}

/**
 * Fills the cache from prompts, several per pass. Where a prompt is split does not depend on the other prompts.
 *
 * @param prefix   length of the shared prefix, which is in the last sequence of the cache; 0 for none
 * @param onEnd    called after each pass with what the head reads at the last tokens of the prompts that ended in it,
 *                 [ended, D], and with the indices of these prompts
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
    for (const { index, start, count } of pass) {
      const { prompt } = prompts[index];
      ids.set(prompt.slice(start, start + count), next);
      next += count;
      if (start + count === prompt.length) {
        rows.push(next - 1);
        ended.push(index);
      }
    }
    await onEnd(forwardCached(cache, buffers, ids, pass, rows), ended);
  }
}

type PromptRun = CachedRun & { readonly index: number };

/** Splits prompts into runs of at most `passRows` tokens and packs these into passes. */
function passes(prompts: readonly PlacedPrompt[], prefix: number): PromptRun[][] {
  const all: PromptRun[][] = [];
  let free = 0;
  prompts.forEach(({ sequence, prompt }, index) => {
    for (let start = prefix; start < prompt.length; start += passRows) {
      const count = Math.min(passRows, prompt.length - start);
      if (count > free) {
        all.push([]);
        free = passRows;
      }
      all[all.length - 1].push({ sequence, start, count, index });
      free -= count;
    }
  });
  return all;
}
