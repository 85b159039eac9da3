import type { Device, DeviceBuffer } from "../device/kernels.js";
import type { LlamaConfig } from "./config.js";

/** Cosines and sines of the rotary embedding, [positions, E/2] each. */
export interface RopeTable {
  readonly cosine: DeviceBuffer;
  readonly sine: DeviceBuffer;
}

/** Inverse frequencies [E/2], in f32 as transformers computes them. */
export function inverseFrequencies(config: LlamaConfig): Float32Array {
  const half = config.headWidth / 2;
  const { ropeScaling: scaling } = config;
  const plain = Float32Array.from({ length: half }, (_, j) => 1 / Math.fround(config.ropeTheta ** Math.fround((2 * j) / config.headWidth)));
  if (!scaling) return plain;
  const lowWavelength = scaling.originalPositions / scaling.lowFrequencyFactor;
  const highWavelength = scaling.originalPositions / scaling.highFrequencyFactor;
  return plain.map((frequency) => {
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength > lowWavelength) return frequency / scaling.factor;
    if (wavelength < highWavelength) return frequency;
    const smooth =
      (scaling.originalPositions / wavelength - scaling.lowFrequencyFactor) /
      (scaling.highFrequencyFactor - scaling.lowFrequencyFactor);
    return ((1 - smooth) * frequency) / scaling.factor + smooth * frequency;
  });
}

export function createRopeTable(device: Device, config: LlamaConfig, positions: number): RopeTable {
  const frequencies = inverseFrequencies(config);
  const half = frequencies.length;
  const cosines = new Float32Array(positions * half);
  const sines = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let j = 0; j < half; j++) {
      const angle = Math.fround(position * frequencies[j]);
      cosines[position * half + j] = Math.cos(angle);
      sines[position * half + j] = Math.sin(angle);
    }
  }
  const cosine = device.allocate("f32", cosines.length);
  const sine = device.allocate("f32", sines.length);
  device.write(cosine, cosines);
  device.write(sine, sines);
  return { cosine, sine };
}
