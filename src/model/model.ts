import { openScope } from "../device/device-scope.js";
import type { Device, DeviceBuffer } from "../device/kernels.js";
import { StrataError } from "../errors/strata-error.js";
import type { ModelConfig } from "./config/model-config.js";
import { loadTensor, mapTensor } from "./files/load-tensor.js";
import type { ModelFolder } from "./files/model-folder.js";
import { embeddingName, headName, parameters, type Parameter } from "./config/parameters.js";
import { isTrained, trainedLayers, type Window } from "./config/window.js";

/**
 * A model on a device. Trained tensors are f32 master weights with gradients; frozen ones are mapped in the dtype of
 * their file. For inference with compute dtype bf16, matrices are converted to bf16 once, not in every product.
 */
export interface Model {
  readonly config: ModelConfig;
  readonly device: Device;
  /** What is trained; null for inference. */
  readonly window: Window | null;
  readonly weights: ReadonlyMap<string, DeviceBuffer>;
  /** [V,D] weights of the output head; with tied embeddings the embedding's, possibly as a separate bf16 copy. */
  readonly head: DeviceBuffer;
  /** By name, for trained tensors only. */
  readonly gradients: ReadonlyMap<string, DeviceBuffer>;
  /** Offload: trained tensors, gradients and moments are on the disk of this folder; null for RAM. */
  readonly scratch: string | null;
  /** Frees weights and gradients. */
  close(): void;
}

export function loadModel(
  device: Device,
  source: ModelFolder,
  window: Window | null,
  scratch: string | null = null,
): Model {
  if (window) checkWindow(source, window);
  const scope = openScope(device);
  try {
    return { ...load(scope.device, source, window, scratch), device, close: scope.close };
  } catch (error) {
    scope.close();
    throw error;
  }
}

function load(
  device: Device,
  source: ModelFolder,
  window: Window | null,
  scratch: string | null,
): Omit<Model, "device" | "close"> {
  const weights = new Map<string, DeviceBuffer>();
  const gradients = new Map<string, DeviceBuffer>();
  for (const parameter of parameters(source.config)) {
    const { name } = parameter;
    const stored = source.tensors.get(name);
    if (!stored) throw new Error(`openModelFolder checks that ${name} exists`);
    const length = parameter.shape.reduce((a, b) => a * b, 1);
    if (window && isTrained(parameter, window)) {
      const weight = allocateState({ device, scratch }, length);
      loadTensor(device, weight, stored);
      weights.set(name, weight);
      gradients.set(name, allocateState({ device, scratch }, length));
    } else {
      const mapped = mapTensor(device, stored);
      const weight = window === null && isMultiplied(parameter) ? asOperand(device, mapped) : mapped;
      if (weight !== mapped) device.free(mapped);
      weights.set(name, weight);
    }
  }
  const head = weights.get(headName(source.config)) as DeviceBuffer;
  return {
    config: source.config,
    window,
    weights,
    gradients,
    scratch,
    head: window === null ? asOperand(device, head) : head,
  };
}

/** Zeroed f32 memory for a trained tensor, its gradient or its moments. */
export function allocateState({ device, scratch }: Pick<Model, "device" | "scratch">, length: number): DeviceBuffer {
  return scratch === null ? device.allocate("f32", length) : device.allocateScratch(scratch, length);
}

/** Whether a matrix product multiplies with it. */
export function isMultiplied({ name, shape }: Parameter): boolean {
  return shape.length === 2 && name !== embeddingName;
}

/** The weight in the compute dtype if that is narrower than f32, copied if necessary; otherwise the weight itself. */
export function asOperand(device: Device, weight: DeviceBuffer): DeviceBuffer {
  const { computeDType } = device.facts;
  if (computeDType === "f32" || weight.dtype === computeDType) return weight;
  const operand = device.allocate(computeDType, weight.length);
  device.kernels.copy({ out: operand, x: weight });
  return operand;
}

function checkWindow({ folder, config }: ModelFolder, window: Window): void {
  const { first, end, embeddings } = window;
  const whole = Number.isInteger(first) && Number.isInteger(end) && first >= 0 && first <= end && end <= config.layers;
  if (whole && (trainedLayers(window).length > 0 || embeddings)) return;
  throw new StrataError("ModelError", {
    where: `window of ${folder}`,
    expected: `a half-open range of layers inside 0-${config.layers} that trains something`,
    got: `${first}-${end}`,
    hint: "Use a range such as 0-4.",
  });
}

export function weightOf(model: Model, name: string): DeviceBuffer {
  const weight = model.weights.get(name);
  if (!weight) throw new Error(`the model has no parameter ${name}`);
  return weight;
}
