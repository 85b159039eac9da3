import { setImmediate } from "node:timers/promises";
import type { MergeKernels } from "../core/kernels.js";
import { sameShape, type InputTensor } from "../inputs/input-tensor.js";
import { mergeError } from "../merge-error.js";
import { groupTensors, type TensorGroup } from "../tensor-groups.js";
import type { Checkpoint } from "./checkpoint.js";
import { compareTensors, type ComparedTensor, type TensorState } from "./compare-tensors.js";
import { addSums, measuresOf, noSums, type Measures } from "./measures.js";

export interface TensorForm {
  /** As safetensors names it: `BF16`. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

export interface TensorDifference {
  readonly name: string;
  readonly state: TensorState | "otherShape";
  readonly a: TensorForm;
  readonly b: TensorForm;
  /** Null if the shapes differ, and for dtypes without floating-point values. */
  readonly measures: Measures | null;
}

/** A layer, or embeddings, norm, head or other tensors, as one vector. */
export interface GroupDifference extends Omit<TensorGroup, "names"> {
  /** Tensors that both have. */
  readonly tensors: number;
  /** How many are in each state. */
  readonly states: Readonly<Record<TensorDifference["state"], number>>;
  /** Of all its tensors with measures; null if it has none. */
  readonly measures: Measures | null;
}

export interface CheckpointDifference {
  readonly a: string;
  readonly b: string;
  /** Both have the same tensors, bit for bit. */
  readonly identical: boolean;
  /** Tensors of one checkpoint alone. */
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  readonly groups: readonly GroupDifference[];
  readonly total: GroupDifference["measures"];
  /** Tensors that both have, in the order of the groups. */
  readonly tensors: readonly TensorDifference[];
}

export interface CompareOptions {
  readonly kernels: MergeKernels;
  readonly signal?: AbortSignal;
  onProgress?(progress: { readonly tensor: string; readonly doneBytes: number; readonly totalBytes: number }): void;
}

/**
 * Compares two checkpoints tensor by tensor, in chunks.
 *
 * @throws StrataError if they have no tensor in common, or a file cannot be read
 */
export async function compareCheckpoints(
  a: Checkpoint,
  b: Checkpoint,
  { kernels, signal, onProgress }: CompareOptions,
): Promise<CheckpointDifference> {
  const groups = groupTensors([...a.tensors.keys()].filter((name) => b.tensors.has(name)).sort());
  const pairs = groups.flatMap(({ names }) => names.map((name) => pairOf(a, b, name)));
  if (pairs.length === 0) throw nothingInCommon(a, b);
  const totalBytes = pairs.reduce((sum, pair) => sum + pairBytes(pair), 0);
  const compared = new Map<string, ComparedTensor>();
  let doneBytes = 0;
  for (const pair of pairs) {
    if (!sameShape(pair.a.shape, pair.b.shape)) continue;
    const onChunk = (bytes: number) => {
      signal?.throwIfAborted();
      doneBytes += bytes;
      onProgress?.({ tensor: pair.a.name, doneBytes, totalBytes });
    };
    compared.set(pair.a.name, compareTensors(pair.a, pair.b, kernels, onChunk));
    await setImmediate();
    signal?.throwIfAborted();
  }
  const tensors = pairs.map((pair) => describePair(pair, compared.get(pair.a.name)));
  const onlyIn = (one: Checkpoint, other: Checkpoint) =>
    [...one.tensors.keys()].filter((name) => !other.tensors.has(name)).sort();
  const [onlyInA, onlyInB] = [onlyIn(a, b), onlyIn(b, a)];
  return {
    a: a.path,
    b: b.path,
    identical: onlyInA.length + onlyInB.length === 0 && tensors.every(({ state }) => state === "identical"),
    onlyInA,
    onlyInB,
    groups: groups.map((group) => describeGroup(group, tensors, compared)),
    total: sumOf([...compared.values()]),
    tensors,
  };
}

interface Pair {
  readonly a: InputTensor;
  readonly b: InputTensor;
}

function pairOf(a: Checkpoint, b: Checkpoint, name: string): Pair {
  return { a: a.tensors.get(name) as InputTensor, b: b.tensors.get(name) as InputTensor };
}

function pairBytes({ a, b }: Pair): number {
  return sameShape(a.shape, b.shape) ? a.storedBytes + b.storedBytes : 0;
}

function describePair({ a, b }: Pair, compared: ComparedTensor | undefined): TensorDifference {
  return {
    name: a.name,
    state: compared?.state ?? "otherShape",
    a: { dtype: a.tag, shape: a.shape },
    b: { dtype: b.tag, shape: b.shape },
    measures: compared?.sums ? measuresOf(compared.sums) : null,
  };
}

function describeGroup(
  { names, ...group }: TensorGroup,
  tensors: readonly TensorDifference[],
  compared: ReadonlyMap<string, ComparedTensor>,
): GroupDifference {
  const own = new Set(names);
  const states = { identical: 0, equal: 0, changed: 0, differs: 0, otherShape: 0 };
  for (const { name, state } of tensors) if (own.has(name)) states[state]++;
  const found = names.map((name) => compared.get(name)).filter((tensor) => tensor !== undefined);
  return { ...group, tensors: names.length, states, measures: sumOf(found) };
}

function sumOf(compared: readonly ComparedTensor[]): Measures | null {
  const sums = compared.map((tensor) => tensor.sums).filter((own) => own !== null);
  return sums.length === 0 ? null : measuresOf(sums.reduce(addSums, noSums));
}

function nothingInCommon(a: Checkpoint, b: Checkpoint): Error {
  const shown = ({ tensors }: Checkpoint) => [...tensors.keys()].sort()[0] ?? "no tensor";
  return mergeError(
    `${a.path} and ${b.path}`,
    "tensors of the same names",
    `none: the first are ${shown(a)} and ${shown(b)}`,
    "Compare two checkpoints of the same architecture, in the same format.",
  );
}
