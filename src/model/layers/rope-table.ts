import type { Device, DeviceBuffer } from "../../device/kernels.js";
import type { ModelConfig } from "../config/model-config.js";
import type { Llama3RopeScaling, RopeScaling } from "../config/rope-scaling.js";

/** Cosines and sines of the rotary embedding, [positions, E/2] each. */
export interface RopeTable {
  readonly cosine: DeviceBuffer;
  readonly sine: DeviceBuffer;
}

const { fround, PI } = Math;

/** [E/2] Inverse frequencies; each operation is rounded to f32, as in transformers. */
export function inverseFrequencies({ headDim: E, ropeTheta, ropeScaling }: ModelConfig): Float32Array {
  const plain = Float32Array.from({ length: E / 2 }, (_, j) => 1 / fround(ropeTheta ** fround((2 * j) / E)));
  return ropeScaling ? plain.map((frequency) => scaledFrequency(frequency, ropeScaling)) : plain;
}

function scaledFrequency(frequency: number, scaling: RopeScaling): number {
  return scaling.kind === "linear" ? frequency / scaling.factor : llama3Frequency(frequency, scaling);
}

/** Keeps high frequencies, divides low ones by `factor`, interpolates between. */
function llama3Frequency(frequency: number, scaling: Llama3RopeScaling): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
  // PyTorch computes number / tensor as number · (1 / tensor).
  const wavelength = fround(fround(1 / frequency) * fround(2 * PI));
  if (wavelength > originalPositions / low) return frequency / factor;
  if (wavelength < originalPositions / high) return frequency;
  const smooth = fround(fround(fround(fround(1 / wavelength) * originalPositions) - low) / (high - low));
  return fround(fround(fround(1 - smooth) * frequency) / factor) + fround(smooth * frequency);
}

export function createRopeTable(device: Device, config: ModelConfig, positions: number): RopeTable {
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
