import type { DeviceBuffer } from "../../device/kernels.js";
import type { FloatArray } from "../../tensor/dtype.js";
import { randomKey, uniform } from "../../tensor/random.js";
import type { Model } from "../model.js";

/** A row whose next token is sampled. The random number depends only on the seed and these two. */
export interface SampledRow {
  /** Index of its prompt. */
  readonly row: number;
  /** Tokens generated so far. */
  readonly generated: number;
}

/** Samples the next token of each row. @param normed  [rows, D], what the head reads */
export type TokenSampler = (normed: DeviceBuffer, rows: readonly SampledRow[]) => Promise<number[]>;

export interface SamplerOptions {
  /** 0 is greedy; above 0 samples from softmax(logits / temperature). */
  readonly temperature: number;
  readonly seed: number;
  /** Of the tokenizer: ids from here on are never sampled. The embedding of some models has more rows (padding). */
  readonly vocabSize?: number;
}

/**
 * Computes logits only for the tokenizer's vocabulary; greedy sampling does not read them back.
 *
 * @param B  largest number of rows
 */
export function createTokenSampler({ device, config, head }: Model, options: SamplerOptions, B: number): TokenSampler {
  const { temperature, seed, vocabSize = config.vocabSize } = options;
  const D = config.hiddenSize;
  const V = Math.min(vocabSize, config.vocabSize);
  if (temperature > 0) {
    const logits = device.allocate("f32", B * V);
    return async (normed, rows) => {
      device.kernels.matmul({ out: logits, x: normed, w: head, residual: null, N: rows.length, I: D, O: V });
      const values = (await device.read(logits.slice(0, rows.length * V))) as FloatArray;
      return rows.map((row, b) => sampleToken(values.subarray(b * V, (b + 1) * V), temperature, seed, row));
    };
  }
  const [losses, best, targets] = [device.allocate("f32", B), device.allocate("i32", B), device.allocate("i32", B)];
  device.write(targets, new Int32Array(B).fill(-1));
  return async (normed, rows) => {
    const N = rows.length;
    device.kernels.headLoss({ losses, best, dx: null, dw: null, x: normed, w: head, targets, scale: 0, N, D, V });
    return Array.from(await device.read(best.slice(0, rows.length)));
  };
}

/** @param logits  [V] */
function sampleToken(logits: FloatArray, temperature: number, seed: number, { row, generated }: SampledRow): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = uniform(randomKey(seed, `generate ${row}`), generated) * total;
  const id = weights.findIndex((weight) => (rest -= weight) < 0);
  return id < 0 ? best : id;
}
