import { StrataError } from "../../errors/strata-error.js";
import { elements } from "../../model/config/parameter-counts.js";
import { parameters, type Parameter } from "../../model/config/parameters.js";
import { isTrained, type Window } from "../../model/config/window.js";
import { openModelFolder, type ModelFolder } from "../../model/files/model-folder.js";
import { decodeFloats, encodeFloats } from "../../tensor/dtype.js";
import { openSafetensors, type StoredTensor, type WrittenEntry } from "../../tensor/safetensors.js";
import { createSafetensors, type SafetensorsWriter } from "../../tensor/write-safetensors.js";
import { floatBytes, readChunk } from "../chunks.js";
import { chunkElements } from "../core/method.js";
import { blocksOf, codeBytes, isBlockDType, type ExchangeDType } from "./formats.js";
import { dequantize, quantize } from "./quantize.js";

export interface WriteChangeOptions {
  /** The model that the part started from. */
  readonly start: string;
  /** The model that it trained. */
  readonly trained: string;
  readonly window: Window;
  readonly dtype: ExchangeDType;
  /** `residual` of this worker's previous round; null in the first. */
  readonly previous: string | null;
  /** The file that travels to the merge. */
  readonly change: string;
  /** The file that the worker keeps: what rounding has lost, in f32. Not written for `f32`, which loses nothing. */
  readonly residual: string;
}

/**
 * Writes what a part sends to the merge, with error feedback: what earlier rounds have lost is added to the change
 * before rounding. The residual of a tensor that rests in this round stays the same. Memory is bounded by a chunk. The
 * running job flushes the files.
 *
 * @throws StrataError for a change that is not finite, or a residual of another model
 */
export async function writeChange(options: WriteChangeOptions): Promise<void> {
  const { window, dtype } = options;
  const [start, trained] = [openModelFolder(options.start), openModelFolder(options.trained)];
  const lost = openResidual(dtype === "f32" ? null : options.previous, start);
  const all = parameters(start.config);
  const owned = new Set(all.filter((parameter) => isTrained(parameter, window)));
  const kept = all.filter((parameter) => owned.has(parameter) || lost.has(parameter.name));
  const entries = [...owned].flatMap((parameter) => changeEntries(parameter, dtype));
  const change = createSafetensors(options.change, entries, { format: "pt", exchange: dtype }, false);
  const residual =
    dtype === "f32" ? null : createSafetensors(options.residual, kept.map(residualEntry), undefined, false);
  try {
    for (const parameter of kept) {
      const before = lost.get(parameter.name) ?? null;
      if (owned.has(parameter)) writeTensor({ start, trained, parameter, before, dtype }, change, residual);
      else for (const [from, count] of chunksOf(parameter)) writeFloats(residual, readChunk(before!, from, count));
    }
    change.commit();
    residual?.commit();
  } finally {
    change.abandon();
    residual?.abandon();
  }
}

interface TensorChange {
  readonly start: ModelFolder;
  readonly trained: ModelFolder;
  readonly parameter: Parameter;
  readonly before: StoredTensor | null;
  readonly dtype: ExchangeDType;
}

/** A tensor of the change file: codes, then the scales of all its blocks; or floats. */
function writeTensor(tensor: TensorChange, change: SafetensorsWriter, residual: SafetensorsWriter | null): void {
  const scales: Float32Array[] = [];
  for (const [from, count] of chunksOf(tensor.parameter)) {
    const sent = encodeChunk(tensor, from, count);
    change.write(sent.bytes);
    if (sent.scales !== null) scales.push(sent.scales);
    writeFloats(residual, sent.lost);
  }
  for (const chunk of scales) change.write(encodeFloats(chunk, "bf16"));
}

interface EncodedChunk {
  readonly bytes: Uint8Array;
  /** Null for floats. */
  readonly scales: Float32Array | null;
  /** What rounding has lost. */
  readonly lost: Float32Array;
}

function encodeChunk(tensor: TensorChange, from: number, count: number): EncodedChunk {
  const { start, trained, parameter, before, dtype } = tensor;
  const { name } = parameter;
  const after = readChunk(trained.tensors.get(name) as StoredTensor, from, count);
  if (dtype === "f32") return { bytes: encodeFloats(after, "f32"), scales: null, lost: after };
  const values = after;
  const base = readChunk(start.tensors.get(name) as StoredTensor, from, count);
  const debt = before === null ? new Float32Array(count) : readChunk(before, from, count);
  for (let i = 0; i < count; i++) values[i] = after[i] - base[i] + debt[i];
  if (dtype === "bf16") {
    const bytes = encodeFloats(values, "bf16");
    return { bytes, scales: null, lost: difference(values, decodeFloats(bytes, "bf16")) };
  }
  try {
    const quantized = quantize(values, dtype);
    const lost = difference(values, dequantize(quantized, count, dtype));
    return { bytes: quantized.codes, scales: quantized.scales, lost };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StrataError("MergeError", {
      where: `${trained.folder} ${name}`,
      expected: "a finite change",
      got: "an infinite value, or one that is not a number",
      hint: "The training has diverged: lower its learning rate.",
    });
  }
}

function difference(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = a[i] - b[i];
  return out;
}

function writeFloats(file: SafetensorsWriter | null, values: Float32Array): void {
  file?.write(floatBytes(values));
}

/** Ranges of whole blocks. */
function* chunksOf({ shape }: Parameter): Generator<readonly [from: number, count: number]> {
  const count = elements(shape);
  for (let from = 0; from < count; from += chunkElements) yield [from, Math.min(chunkElements, count - from)];
}

/** The name of the scales of a tensor's blocks. */
export function scaleName(name: string): string {
  return `${name}.scale`;
}

/** The entries of a tensor in the change file. */
export function changeEntries({ name, shape }: Parameter, dtype: ExchangeDType): readonly WrittenEntry[] {
  if (!isBlockDType(dtype)) return [{ name, shape, dtype }];
  const count = elements(shape);
  const codes: WrittenEntry =
    dtype === "int8" ? { name, shape, dtype: "i8" } : { name, shape: [codeBytes(count, dtype)], dtype: "u8" };
  return [codes, { name: scaleName(name), shape: [blocksOf(count)], dtype: "bf16" }];
}

function residualEntry({ name, shape }: Parameter): WrittenEntry {
  return { name, shape, dtype: "f32" };
}

/** The tensors of a residual; empty without one. */
function openResidual(path: string | null, { config }: ModelFolder): ReadonlyMap<string, StoredTensor> {
  if (path === null) return new Map();
  const { tensors } = openSafetensors(path);
  const shapes = new Map(parameters(config).map(({ name, shape }) => [name, shape.join()]));
  const other = [...tensors.values()].find(
    ({ name, dtype, shape }) => dtype !== "f32" || shapes.get(name) !== shape.join(),
  );
  if (other === undefined) return tensors;
  throw new StrataError("MergeError", {
    where: `${path} ${other.name}`,
    expected: `f32 values of a tensor of the model, of shape [${shapes.get(other.name) ?? ""}]`,
    got: `${other.dtype} of shape [${other.shape.join()}]`,
    hint: "The residual belongs to another model: give the one of this worker's previous round, or none.",
  });
}
