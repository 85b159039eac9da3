import type { DeviceBuffer } from "../device/kernels.js";
import type { FloatArray } from "../tensor/dtype.js";
import { randomKey, uniform } from "../tensor/random.js";
import type { GenerateOptions } from "./generate.js";
import type { Model } from "./model.js";

/** A row of a batch that wants its next token: the number of its prompt and how many tokens it has drawn. */
export interface Draw {
  readonly row: number;
  readonly drawn: number;
}

/** Chooses the next token of each row. */
export type TokenChooser = (normed: DeviceBuffer, draws: readonly Draw[]) => Promise<number[]>;

type ChooserOptions = Pick<GenerateOptions, "temperature" | "seed" | "vocabularySize">;

/**
 * @param options  a temperature of 0 takes the likeliest without reading the logits; only the head's rows of the tokenizer's
 *                 vocabulary have logits
 * @param B        rows at most
 */
export function createTokenChooser({ device, config, head }: Model, options: ChooserOptions, B: number): TokenChooser {
  const { temperature, seed, vocabularySize = config.vocabularySize } = options;
  const D = config.width;
  const V = Math.min(vocabularySize, config.vocabularySize);
  if (temperature > 0) {
    const logits = device.allocate("f32", B * V);
    return async (normed, draws) => {
      device.kernels.matmul(logits, normed, head, null, draws.length, D, V);
      const values = (await device.read(logits.slice(0, draws.length * V))) as FloatArray;
      return draws.map((draw, b) => drawToken(values.subarray(b * V, (b + 1) * V), temperature, seed, draw));
    };
  }
  const [losses, best, noTargets] = [device.allocate("f32", B), device.allocate("i32", B), device.allocate("i32", B)];
  device.write(noTargets, new Int32Array(B).fill(-1));
  return async (normed, draws) => {
    device.kernels.headLoss(losses, best, null, null, normed, head, noTargets, 0, draws.length, D, V);
    return Array.from(await device.read(best.slice(0, draws.length)));
  };
}

/** @param logits  [V] */
function drawToken(logits: FloatArray, temperature: number, seed: number, { row, drawn }: Draw): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = uniform(randomKey(seed, `generate ${row}`), drawn) * total;
  const id = weights.findIndex((weight) => (left -= weight) < 0);
  return id < 0 ? best : id;
}
