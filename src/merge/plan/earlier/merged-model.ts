import { bytesPerElement } from "../../../tensor/dtype.js";
import { mergeDTypes } from "../../core/merge-dtype.js";
import { refusingStream } from "../../core/random-stream.js";
import { createInputMemory } from "../../inputs/input-memory.js";
import type { ComputeTools, InputTensor } from "../../inputs/input-tensor.js";
import type { InputModel, ModelConfigJson } from "../../inputs/open-model.js";
import { createReadAhead } from "../../inputs/read-ahead.js";
import { editJson } from "../../output/edit-json.js";
import type { MergedTensor, MergePlan, PlannedTensor } from "../merge-plan.js";
import { tensorsOf, tensorToMerge } from "../tensor-to-merge.js";

/**
 * The result of a merge as a model of another one. A tensor is merged when it is read, so that nothing is written. The
 * last one is kept if it is small; of a larger one, a chunk is, and each pass over it merges it again.
 *
 * @param keptBytes  of inputs that are kept in memory
 */
export function mergedModel(name: string, plan: MergePlan, keptBytes: number): InputModel {
  const bytesOf = tensorMerger(name, plan, keptBytes);
  const tensorOf = (tensor: PlannedTensor): InputTensor =>
    tensor.kind === "copy" ? { ...tensor.source, name: tensor.name } : computedTensor(name, tensor, bytesOf);
  return {
    reference: { path: name, revision: null, lora: null },
    label: name,
    folder: plan.donor.folder,
    config: changedConfig(plan),
    configChanges: plan.configChanges,
    tensors: new Map(plan.tensors.map((tensor) => [tensor.name, tensorOf(tensor)])),
    mergedFrom: plan.models,
    files: plan.models.flatMap(({ files }) => files),
  };
}

function changedConfig({ donor, configChanges }: MergePlan): ModelConfigJson | null {
  if (donor.config === null) return null;
  return JSON.parse(editJson(JSON.stringify(donor.config), configChanges)) as ModelConfigJson;
}

type BytesOf = (tensor: MergedTensor, from: number, length: number, tools: ComputeTools) => Uint8Array;

function computedTensor(model: string, tensor: MergedTensor, bytesOf: BytesOf): InputTensor {
  const { name, shape, tag, byteLength } = tensor;
  const dtype = mergeDTypes[tag];
  const width = bytesPerElement(dtype);
  return {
    name,
    where: `${model} ${name}`,
    shape,
    dtype,
    tag,
    storedBytes: byteLength,
    readsBytes: tensorsOf(tensor).reduce((sum, { storedBytes, readsBytes = storedBytes }) => sum + readsBytes, 0),
    expect() {},
    readBytes: null,
    computeBytes: (from, length, tools) => bytesOf(tensor, from, length, tools),
    read(from, count, rounded, kernels) {
      const tools = { kernels, note: () => {} };
      return kernels.decode(bytesOf(tensor, from * width, count * width, tools), dtype, rounded);
    },
  };
}

/** Larger tensors are not kept. */
const heldBytes = 1 << 26;

/** The bytes of a tensor that were merged last, and those that follow. */
interface Piece {
  readonly tensor: MergedTensor;
  readonly from: number;
  readonly bytes: Uint8Array;
  readonly following: Iterator<Uint8Array>;
}

function tensorMerger(name: string, plan: MergePlan, keptBytes: number): BytesOf {
  const chunksOf = chunkMerger(name, plan, keptBytes);
  let room = new Uint8Array(0);
  let piece: Piece | null = null;
  const start = (tensor: MergedTensor, tools: ComputeTools): Piece => {
    const isHeld = tensor.byteLength <= heldBytes;
    if (isHeld && room.length < tensor.byteLength) room = new Uint8Array(tensor.byteLength);
    const following = chunksOf(tensor, tools, isHeld ? room : null);
    if (!isHeld) return { tensor, from: 0, bytes: new Uint8Array(0), following };
    for (const _ of following);
    return { tensor, from: 0, bytes: room.subarray(0, tensor.byteLength), following };
  };
  return (tensor, from, length, tools) => {
    let now = piece?.tensor === tensor && from >= piece.from ? piece : null;
    piece = null;
    now ??= start(tensor, tools);
    for (let end = now.from + now.bytes.length; end < from + length; end = now.from + now.bytes.length) {
      const { value } = now.following.next() as { value: Uint8Array };
      const wanted = now.bytes.subarray(Math.min(now.bytes.length, Math.max(0, from - now.from)));
      now = { ...now, from: end - wanted.length, bytes: wanted.length === 0 ? value : Buffer.concat([wanted, value]) };
    }
    piece = now;
    return now.bytes.subarray(from - now.from, from - now.from + length);
  };
}

/** The chunks of a tensor as stored, one after the other in `room`, or each in new memory. */
function chunkMerger(name: string, { config, sequence, isCompatible }: MergePlan, keptBytes: number) {
  const memory = createInputMemory(keptBytes);
  const merged = sequence.filter((tensor) => tensor.kind === "merge");
  const readAhead = createReadAhead(merged.map(tensorsOf));
  return function* (
    tensor: MergedTensor,
    { kernels, note }: ComputeTools,
    room: Uint8Array | null,
  ): Generator<Uint8Array> {
    const own = { config, isCompatible, kernels, random: noRandom, memory, readAhead };
    const given = tensorToMerge(tensor, { ...own, note: (text) => note(`${name}: ${text}`) });
    const dtype = mergeDTypes[tensor.tag];
    let at = 0;
    for (const chunk of config.method.merge(given)) {
      const length = chunk.length * bytesPerElement(dtype);
      yield kernels.encode(chunk, dtype, room?.subarray(at, at + length));
      at += length;
    }
  };
}

const noRandom = refusingStream(() => {
  throw new Error("a merge that another one reads takes no random numbers");
});
