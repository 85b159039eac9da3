import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatConfig, type ModelConfig } from "#strata/model/config/model-config.js";
import { parameters } from "#strata/model/config/parameters.js";
import { writeJsonAtomic } from "#strata/files/atomic-file.js";
import { bytesPerElement, encodeFloats, type DType } from "#strata/tensor/dtype.js";
import { fillNormal, randomInteger, randomKey } from "#strata/tensor/random.js";
import { writeSafetensors } from "#strata/tensor/write-safetensors.js";
import { buildFolder } from "./paths.js";

/** Normal numbers that every matrix repeats from its own offset; a prime count, so that no two rows are equal. */
const periodElements = 1000003;

/**
 * The folder of a model with random weights, written on first use. Because random numbers repeat with a period, writing
 * the 2.5 GB of B is as fast as the disk.
 *
 * @param variant  models of different variants have different weights
 */
export async function modelFolder(name: string, config: ModelConfig, dtype: DType, variant = 0): Promise<string> {
  const folder = join(buildFolder, `model-${name}-${dtype}${variant === 0 ? "" : `-${variant}`}`);
  const configPath = join(folder, "config.json");
  const wanted = formatConfig(config, dtype);
  if (existsSync(configPath) && readFileSync(configPath, "utf8") === `${JSON.stringify(wanted, null, 2)}\n`)
    return folder;
  mkdirSync(folder, { recursive: true });
  const table = new Map(parameters(config).map((parameter) => [parameter.name, parameter]));
  const entries = [...table.values()].map((parameter) => ({ name: parameter.name, shape: parameter.shape, dtype }));
  const periods = new Map<number, Uint8Array>();
  await writeSafetensors(join(folder, "model.safetensors"), entries, function* ({ name: tensor, shape }) {
    const length = shape.reduce((a, b) => a * b, 1);
    const initial = table.get(tensor)?.initial;
    if (initial?.kind !== "normal") return yield encodeFloats(new Float32Array(length).fill(1), dtype);
    const { standardDeviation } = initial;
    const period = periods.get(standardDeviation) ?? normalPeriod(standardDeviation, dtype);
    periods.set(standardDeviation, period);
    yield* repeated(period, length * bytesPerElement(dtype), startOf(tensor, variant) * bytesPerElement(dtype));
  });
  writeJsonAtomic(configPath, wanted);
  return folder;
}

function normalPeriod(standardDeviation: number, dtype: DType): Uint8Array {
  const values = new Float32Array(periodElements);
  fillNormal(values, randomKey(1, "benchmark weights"), standardDeviation);
  return encodeFloats(values, dtype);
}

function startOf(tensor: string, variant: number): number {
  return randomInteger(randomKey(1 + variant, tensor), 0, periodElements);
}

function* repeated(period: Uint8Array, byteLength: number, start: number): Generator<Uint8Array> {
  let from = start;
  for (let left = byteLength; left > 0;) {
    const piece = period.subarray(from, Math.min(period.length, from + left));
    yield piece;
    left -= piece.length;
    from = 0;
  }
}
