import { elementCount, type InputTensor } from "./input-tensor.js";

/** Bytes of the file, valid until the same reader is called again. */
export type ReadStored = (from: number, length: number) => Uint8Array;

/**
 * Memory for what a tensor's inputs read from files, which the next tensor uses again: new memory costs as much as
 * reading. Inputs that fit are kept, so that methods with several passes read the files once.
 */
export interface InputMemory {
  /** Starts the next tensor. What the readers of the one before have returned is no longer valid. */
  begin(inputs: readonly InputTensor[]): void;
  /** @param input  one of those that `begin` was given, with `readBytes` */
  reader(input: InputTensor): ReadStored;
}

/** More than this is not kept, so that the memory of a merge does not grow with the size of tensors. */
const keptBytes = 192e6;
/** Nor more than two tensors in f32 and this, so that it does not grow with the number of models. */
const keptBeside = 32e6;
/** For each of several merges at the same time. */
export function sharedKeptBytes(merges: number): number {
  return keptBytes / merges;
}

/** For what the kernels read at once. */
const alignment = 64;

/** @param limitBytes  at most of the inputs that are kept */
export function createInputMemory(limitBytes = keptBytes): InputMemory {
  let memory = new Uint8Array(0);
  let used = 0;
  let isKept = false;
  const roomOf = ({ storedBytes }: InputTensor) => Math.ceil(storedBytes / alignment) * alignment;
  return {
    begin(inputs) {
      const total = inputs.reduce((sum, input) => sum + roomOf(input), 0);
      const elements = Math.max(0, ...inputs.map(({ shape }) => elementCount(shape)));
      isKept = total <= Math.min(limitBytes, 8 * elements + keptBeside);
      used = 0;
      if (isKept && memory.length < total) memory = new Uint8Array(total);
    },
    reader(input) {
      const { readBytes } = input;
      if (readBytes === null) throw new RangeError(`${input.where} is computed`);
      if (!isKept) return reusedReader(readBytes);
      const own = memory.subarray(used, used + input.storedBytes);
      used += roomOf(input);
      return keptReader(readBytes, own);
    },
  };
}

function reusedReader(readBytes: NonNullable<InputTensor["readBytes"]>): ReadStored {
  let last = new Uint8Array(0);
  return (from, length) => {
    if (last.length !== length) last = new Uint8Array(length);
    return readBytes(from, length, last);
  };
}

/** Passes read in order, so that what is kept is the start of the tensor. */
function keptReader(readBytes: NonNullable<InputTensor["readBytes"]>, own: Uint8Array): ReadStored {
  let kept = 0;
  return (from, length) => {
    const end = from + length;
    if (from > kept) return readBytes(from, length);
    if (end > kept) {
      readBytes(kept, end - kept, own.subarray(kept, end));
      kept = end;
    }
    return own.subarray(from, end);
  };
}
