import type { MergeConfig } from "../config/merge-config.js";
import type { MergeKernels } from "../core/kernels.js";
import type { MergeInput, TensorToMerge } from "../core/method.js";
import type { RandomStream } from "../core/random-stream.js";
import { bytesPerElement } from "../../tensor/dtype.js";
import type { InputTensor } from "../inputs/input-tensor.js";
import type { InputMemory, ReadStored } from "../inputs/input-memory.js";
import type { ReadAhead } from "../inputs/read-ahead.js";
import type { MergedTensor, PlannedInput } from "./merge-plan.js";

/** What a tensor is merged with. */
export interface TensorTools {
  readonly config: MergeConfig;
  readonly isCompatible: boolean;
  readonly kernels: MergeKernels;
  readonly random: RandomStream;
  readonly memory: InputMemory;
  readonly readAhead: ReadAhead;
  note(text: string): void;
}

/** A planned tensor as methods take it. */
export function tensorToMerge(tensor: MergedTensor, tools: TensorTools): TensorToMerge {
  const { config, isCompatible, kernels, random, memory, note } = tools;
  memory.begin(tensorsOf(tensor).filter(({ readBytes }) => readBytes !== null));
  const inputs = new Map<PlannedInput, MergeInput>();
  const inputOf = (given: PlannedInput): MergeInput => {
    const input = inputs.get(given) ?? toInput(given, tools);
    inputs.set(given, input);
    return input;
  };
  return {
    where: `${config.file} ${tensor.name}`,
    shape: tensor.shape,
    length: tensor.length,
    dtype: tensor.dtype,
    inputs: tensor.inputs.map(inputOf),
    base: tensor.base === null ? null : inputOf(tensor.base),
    values: tensor.values,
    kernels,
    random,
    isCompatible,
    note,
  };
}

/** What is read for a tensor, each once. */
export function tensorsOf({ inputs, base }: MergedTensor): readonly InputTensor[] {
  return [...new Set([...inputs, ...(base === null ? [] : [base])])].map(({ tensor }) => tensor);
}

function toInput(
  { model, tensor, values, dtype }: PlannedInput,
  { kernels, memory, readAhead, note }: TensorTools,
): MergeInput {
  const { dtype: stored, readBytes, computeBytes } = tensor;
  if ((readBytes === null && computeBytes === undefined) || stored === null) {
    return { label: model.label, values, dtype, read: (from, count) => tensor.read(from, count, dtype, kernels) };
  }
  const width = bytesPerElement(stored);
  const reader: ReadStored =
    computeBytes === undefined
      ? memory.reader(tensor)
      : (from, length) => computeBytes(from, length, { kernels, note });
  const bytes = (from: number, count: number) => {
    readAhead.reached(tensor, from * width);
    return reader(from * width, count * width);
  };
  const read: MergeInput["read"] = (from, count, out) => kernels.decode(bytes(from, count), stored, dtype, out);
  const input = { label: model.label, values, dtype, read };
  if (stored === "f64" || (stored !== dtype && dtype !== "f32")) return input;
  return { ...input, readStored: (from, count) => ({ bytes: bytes(from, count), stored }) };
}
