import type { DeviceBuffer } from "../../device/kernels.js";
import type { FloatArray } from "../../tensor/dtype.js";
import { randomKey, uniform } from "../../tensor/random.js";
import type { Model } from "../model.js";

/** A row of a batch that wants its next token: the number of its prompt and how many tokens it has drawn. */
export interface SampledRow {
  readonly row: number;
  readonly drawn: number;
}

/** Chooses the next token of each row. */
export type TokenSampler = (normed: DeviceBuffer, draws: readonly SampledRow[]) => Promise<number[]>;

export interface SamplerOptions {
  /** 0 takes the likeliest token; above 0 draws from softmax(logits / temperature). */
  readonly temperature: number;
  readonly seed: number;
  /** The tokenizer's: ids from here on are never chosen. Some models have more rows in the embedding than there are tokens. */
  readonly vocabSize?: number;
}

/**
 * @param options  a temperature of 0 takes the likeliest without reading the logits; only the head's rows of the tokenizer's
 *                 vocabulary have logits
 * @param B        rows at most
 */
export function createTokenSampler({ device, config, head }: Model, options: SamplerOptions, B: number): TokenSampler {
  const { temperature, seed, vocabSize = config.vocabSize } = options;
  const D = config.hiddenSize;
  const V = Math.min(vocabSize, config.vocabSize);
  if (temperature > 0) {
    const logits = device.allocate("f32", B * V);
    return async (normed, draws) => {
      device.kernels.matmul({ out: logits, x: normed, w: head, residual: null, N: draws.length, I: D, O: V });
      const values = (await device.read(logits.slice(0, draws.length * V))) as FloatArray;
      return draws.map((draw, b) => sampleToken(values.subarray(b * V, (b + 1) * V), temperature, seed, draw));
    };
  }
  const [losses, best, targets] = [device.allocate("f32", B), device.allocate("i32", B), device.allocate("i32", B)];
  device.write(targets, new Int32Array(B).fill(-1));
  return async (normed, draws) => {
    const N = draws.length;
    device.kernels.headLoss({ losses, best, dx: null, dw: null, x: normed, w: head, targets, scale: 0, N, D, V });
    return Array.from(await device.read(best.slice(0, draws.length)));
  };
}

/** @param logits  [V] */
function sampleToken(logits: FloatArray, temperature: number, seed: number, { row, drawn }: SampledRow): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = uniform(randomKey(seed, `generate ${row}`), drawn) * total;
  const id = weights.findIndex((weight) => (left -= weight) < 0);
  return id < 0 ? best : id;
}
