import { openScope } from "../../device/device-scope.js";
import type { Device, DeviceBuffer } from "../../device/kernels.js";
import { elements } from "../config/parameter-counts.js";
import { headName, parameters } from "../config/parameters.js";
import { mapTensor } from "../files/load-tensor.js";
import type { ModelFolder } from "../files/model-folder.js";
import { asOperand, isMultiplied, weightOf, type Model } from "../model.js";

/** A model for inference of which some tensors can be written again and again, so that it is loaded only once. */
export interface AdjustableModel {
  /** Its `close` frees all weights. */
  readonly model: Model;
  /** Writes elements [from, from + values.length) of an adjustable tensor. */
  write(name: string, from: number, values: Float32Array): void;
}

/**
 * Loads a model as `loadModel` does for inference: operands of matrix products have the compute dtype, so that equal
 * weights have equal scores. Adjustable tensors are zero until they are written; the others are mapped from the source.
 */
export function loadAdjustableModel(
  device: Device,
  source: ModelFolder,
  adjustable: ReadonlySet<string>,
): AdjustableModel {
  const scope = openScope(device);
  try {
    const weights = new Map(
      parameters(source.config).map((parameter) => {
        const { name, shape } = parameter;
        const dtype = isMultiplied(parameter) ? device.facts.computeDType : "f32";
        const isAdjustable = adjustable.has(name);
        return [
          name,
          isAdjustable ? scope.device.allocate(dtype, elements(shape)) : mapped(scope.device, source, parameter),
        ];
      }),
    );
    const { config } = source;
    const name = headName(config);
    const table = weights.get(name) as DeviceBuffer;
    // A tied embedding may be needed twice: as a table, and as an operand.
    const head = asOperand(scope.device, table);
    const model: Model = {
      config,
      device,
      window: null,
      weights,
      head,
      gradients: new Map(),
      scratch: null,
      close: scope.close,
    };
    return {
      model,
      write(written, from, values) {
        writePart(device, weightOf(model, written), from, values);
        if (written === name && head !== table) writePart(device, head, from, values);
      },
    };
  } catch (error) {
    scope.close();
    throw error;
  }
}

function mapped(device: Device, { tensors }: ModelFolder, parameter: Parameters<typeof isMultiplied>[0]): DeviceBuffer {
  const stored = tensors.get(parameter.name);
  if (!stored) throw new Error(`openModelFolder checks that ${parameter.name} exists`);
  const weight = mapTensor(device, stored);
  const operand = isMultiplied(parameter) ? asOperand(device, weight) : weight;
  if (operand !== weight) device.free(weight);
  return operand;
}

function writePart(device: Device, buffer: DeviceBuffer, from: number, values: Float32Array): void {
  const part = buffer.slice(from, values.length);
  device.write(part, values);
  device.release(part);
}
