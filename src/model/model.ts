import type { Device, DeviceBuffer } from "../device/kernels.js";
import { StrataError } from "../tensor/errors.js";
import { readTensor } from "../tensor/safetensors.js";
import type { LlamaConfig } from "./config.js";
import type { ModelFolder } from "./model-folder.js";
import { isTrained, parameters, type Window } from "./parameters.js";

/** A Llama on a device. Trained tensors are f32 copies with gradients; frozen ones are mapped in their file's dtype. */
export interface Model {
  readonly config: LlamaConfig;
  readonly device: Device;
  /** Null for inference: nothing is trained. */
  readonly window: Window | null;
  readonly weights: ReadonlyMap<string, DeviceBuffer>;
  /** Of the trained tensors only, by name. */
  readonly gradients: ReadonlyMap<string, DeviceBuffer>;
}

export function loadModel(device: Device, source: ModelFolder, window: Window | null): Model {
  if (window) checkWindow(source, window);
  const weights = new Map<string, DeviceBuffer>();
  const gradients = new Map<string, DeviceBuffer>();
  for (const parameter of parameters(source.config)) {
    const { name } = parameter;
    const stored = source.tensors.get(name);
    if (!stored) throw new Error(`openModelFolder checks that ${name} is there`);
    const length = parameter.shape.reduce((a, b) => a * b, 1);
    if (window && isTrained(parameter, window)) {
      const weight = device.allocate("f32", length);
      device.write(weight, readTensor(stored));
      weights.set(name, weight);
      gradients.set(name, device.allocate("f32", length));
    } else weights.set(name, device.map(stored.path, stored.byteOffset, length, stored.dtype));
  }
  return { config: source.config, device, window, weights, gradients };
}

function checkWindow({ folder, config }: ModelFolder, { first, end, outer }: Window): void {
  const whole = Number.isInteger(first) && Number.isInteger(end) && first >= 0 && first <= end && end <= config.layers;
  if (whole && (first < end || outer)) return;
  throw new StrataError("ModelError", {
    where: `window of ${folder}`,
    expected: `a half-open range of layers inside 0-${config.layers} that trains something`,
    got: `${first}-${end}`,
    hint: "Use a range such as 0-4.",
  });
}

export function weightOf(model: Model, name: string): DeviceBuffer {
  const weight = model.weights.get(name);
  if (!weight) throw new Error(`the table of parameters has no ${name}`);
  return weight;
}
