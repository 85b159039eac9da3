import type { Device, DeviceBuffer } from "../device/kernels.js";
import type { ModelFolder } from "../model/files/model-folder.js";
import type { Model } from "../model/model.js";
import { writeModelFolder, writeOtherFiles } from "../model/files/write-model-folder.js";
import type { FloatArray } from "../tensor/dtype.js";
import { storedChunks, type StoredTensor, type TensorEntry } from "../tensor/safetensors.js";
import type { TensorChunks } from "../tensor/write-safetensors.js";

/**
 * Writes the model as a Hugging Face folder: trained tensors in f32, frozen ones with the bytes of the source, and the
 * source's other files unchanged. The files are outputs of a job, which flushes them at its end.
 */
export async function saveModel(folder: string, model: Model, source: ModelFolder): Promise<void> {
  const chunks: TensorChunks = ({ name }) =>
    model.gradients.has(name)
      ? floatChunks(model.device, model.weights.get(name) as DeviceBuffer)
      : storedChunks(source.tensors.get(name) as StoredTensor);
  await writeModelFolder(folder, source, entriesOf(model, source), chunks, undefined, true);
}

function entriesOf(model: Model, source: ModelFolder): readonly TensorEntry[] {
  return [...source.tensors].map(([name, { dtype, shape }]) => ({
    name,
    shape,
    dtype: model.gradients.has(name) ? "f32" : dtype,
  }));
}

/** Writes the files beside the weights of a saved model again: unlike the weights, they have no checksums. */
export function saveOtherFiles(folder: string, model: Model, source: ModelFolder): void {
  writeOtherFiles(folder, source, entriesOf(model, source));
}

/** Elements in memory while a buffer is streamed to a file. */
const chunkElements = 1 << 20;

/** The f32 values of a buffer as bytes of a file, in chunks. */
export async function* floatChunks(device: Device, buffer: DeviceBuffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < buffer.length; at += chunkElements) {
    const chunk = buffer.slice(at, Math.min(chunkElements, buffer.length - at));
    const values = (await device.read(chunk)) as FloatArray;
    device.release(chunk);
    const single = values instanceof Float32Array ? values : Float32Array.from(values);
    yield new Uint8Array(single.buffer, single.byteOffset, single.byteLength);
  }
}
