import type { DeviceBuffer } from "../device/kernels.js";
import type { FloatArray } from "../tensor/dtype.js";
import { randomKey, uniform } from "../tensor/random.js";
import { checkIds } from "./batch.js";
import { advance, allocateAdvance, copyCache, createCache, type AdvanceBuffers, type KeyValueCache } from "./key-value-cache.js";
import { weightOf, type Model } from "./model.js";
import { finalNormName, headName } from "./parameters.js";

export interface GenerateOptions {
  readonly maximumTokens: number;
  /** 0 takes the likeliest token; above 0 draws from softmax(logits / temperature). */
  readonly temperature: number;
  readonly seed: number;
  /** Called after each new token of a row with all its new tokens; true ends the row. */
  readonly stop: (row: number, tokens: readonly number[]) => boolean;
}

/** Rows that go through the layers at a time while prompts are read; bounds the memory of activations. */
const promptRows = 2048;
/** Positions the cache has behind the prompts at first; it doubles when they are used up. */
const firstRoom = 64;

/** Memory of the end of the model for B rows. */
interface HeadBuffers {
  readonly last: DeviceBuffer;
  readonly rstd: DeviceBuffer;
  readonly logits: DeviceBuffer;
}

/**
 * Continues prompts, all in one batch. A row's result does not depend on the other rows.
 *
 * @param prompts  at least one id each
 * @returns the new ids of each row; a row ends before an end-of-sequence id, after `maximumTokens`, or where `stop` says so
 * @throws StrataError if a prompt is empty or has an id outside the vocabulary
 */
export async function generate(
  model: Model, prompts: readonly (readonly number[])[], options: GenerateOptions,
): Promise<number[][]> {
  prompts.forEach((prompt, row) => checkIds(model.config, Int32Array.from(prompt), `prompt ${row}`));
  const out: number[][] = prompts.map(() => []);
  if (prompts.length === 0 || options.maximumTokens === 0) return out;
  const longest = Math.max(...prompts.map(({ length }) => length));
  const mostPositions = longest + options.maximumTokens;
  const chunk = Math.min(longest, Math.max(1, Math.floor(promptRows / prompts.length)));
  const buffers = allocateAdvance(model, prompts.length * chunk);
  const head = allocateHead(model, prompts.length);
  let cache = createCache(model, prompts.length, Math.min(mostPositions, longest + firstRoom));
  readPrompts(cache, buffers, head, prompts, chunk);
  /** The prompt each sequence of the cache continues. */
  let rows = prompts.map((_, row) => row);
  const hasEnded = prompts.map(() => false);
  for (let step = 0; ; step++) {
    const logits = await readLogits(model, head, rows.length);
    const next = rows.map((row, b) => chooseToken(logits.subarray(b * model.config.vocabularySize), model, options, row, step));
    rows.forEach((row, b) => {
      if (!hasEnded[row]) hasEnded[row] = addToken(model, out[row], next[b], row, options);
    });
    const running = rows.flatMap((row, b) => (hasEnded[row] ? [] : [b]));
    if (running.length === 0 || step + 1 === options.maximumTokens) return out;
    const filled = longest + step;
    const isFull = filled >= cache.capacity;
    let ids = next;
    if (isFull || 2 * running.length <= rows.length) {
      cache = copyCache(cache, running, filled, isFull ? Math.min(mostPositions, 2 * filled) : cache.capacity);
      rows = running.map((b) => rows[b]);
      ids = running.map((b) => next[b]);
    }
    advance(cache, buffers, Int32Array.from(ids), rows.map((row) => prompts[row].length + step), 1);
    model.device.kernels.copy(head.last.slice(0, rows.length * model.config.width), buffers.a.input.slice(0, rows.length * model.config.width));
  }
}

/** Appends a token to its row; says whether the row has ended. */
function addToken(model: Model, tokens: number[], id: number, row: number, { stop }: GenerateOptions): boolean {
  if (model.config.eosIds.includes(id)) return true;
  tokens.push(id);
  return stop(row, tokens);
}

/** Padding at the end: what is behind a prompt is never seen by it and overwritten by its continuation. */
function readPrompts(
  cache: KeyValueCache, buffers: AdvanceBuffers, { last }: HeadBuffers, prompts: readonly (readonly number[])[], chunk: number,
): void {
  const { kernels } = cache.model.device;
  const D = cache.model.config.width;
  const longest = Math.max(...prompts.map(({ length }) => length));
  for (let start = 0; start < longest; start += chunk) {
    const count = Math.min(chunk, longest - start);
    const ids = Int32Array.from({ length: prompts.length * count }, (_, n) => prompts[Math.floor(n / count)][start + (n % count)] ?? 0);
    advance(cache, buffers, ids, prompts.map(() => start), count);
    prompts.forEach(({ length }, b) => {
      const at = length - 1 - start;
      if (at >= 0 && at < count) kernels.copy(last.slice(b * D, D), buffers.a.input.slice((b * count + at) * D, D));
    });
  }
}

function allocateHead({ device, config }: Model, B: number): HeadBuffers {
  return {
    last: device.allocate("f32", B * config.width),
    rstd: device.allocate("f32", B),
    logits: device.allocate("f32", B * config.vocabularySize),
  };
}

/** Logits [B,V] of `last`, which is normed in place. */
async function readLogits(model: Model, { last, rstd, logits }: HeadBuffers, B: number): Promise<FloatArray> {
  const { device, config } = model;
  const { width: D, vocabularySize: V } = config;
  device.kernels.rmsNorm(last, rstd, last, weightOf(model, finalNormName), config.normEpsilon, B, D);
  device.kernels.matmul(logits, last, weightOf(model, headName(config)), null, B, D, V);
  return (await device.read(logits.slice(0, B * V))) as FloatArray;
}

/** @param logits  the row's V logits in front */
function chooseToken(logits: FloatArray, { config }: Model, options: GenerateOptions, row: number, step: number): number {
  const scores = logits.subarray(0, config.vocabularySize);
  let best = 0;
  for (let id = 1; id < scores.length; id++) if (scores[id] > scores[best]) best = id;
  if (options.temperature === 0) return best;
  const weights = Float64Array.from(scores, (score) => Math.exp((score - scores[best]) / options.temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = uniform(randomKey(options.seed, `generate ${row}`), step) * total;
  const id = weights.findIndex((weight) => (left -= weight) < 0);
  return id < 0 ? best : id;
}
