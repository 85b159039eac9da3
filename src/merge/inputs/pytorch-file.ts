import { mergeError } from "../merge-error.js";
import type { FileReader } from "./file-reader.js";
import { elementCount, formatShape, type InputTensor } from "./input-tensor.js";
import { readPickle, type PickleCall, type PickleGlobal, type PersistentId } from "./pickle.js";
import { storedTensor } from "./stored-tensor.js";
import { readZipEntries, type ZipEntry } from "./zip-entries.js";

/** PyTorch's storage types: the dtype's name in safetensors headers, and bytes per element. */
const storages: Readonly<Record<string, readonly [string, number]>> = {
  FloatStorage: ["F32", 4],
  BFloat16Storage: ["BF16", 2],
  HalfStorage: ["F16", 2],
  DoubleStorage: ["F64", 8],
  LongStorage: ["I64", 8],
  IntStorage: ["I32", 4],
  ShortStorage: ["I16", 2],
  CharStorage: ["I8", 1],
  ByteStorage: ["U8", 1],
  BoolStorage: ["BOOL", 1],
};

const rebuildTensor = "torch._utils _rebuild_tensor_v2";
const rebuildParameter = "torch._utils _rebuild_parameter";
const globals = new Set([
  "collections OrderedDict",
  rebuildTensor,
  rebuildParameter,
  ...Object.keys(storages).map((name) => `torch ${name}`),
]);

/**
 * The tensors of a file that torch.save wrote. Nothing in it is executed. @throws StrataError for anything else in it
 */
export function pytorchTensors(path: string, files: FileReader): InputTensor[] {
  const entries = new Map(readZipEntries(path, files).map((entry) => [entry.name.replace(/^[^/]*\//, ""), entry]));
  const pickle = entryOf(entries, "data.pkl", path);
  const order = entries.get("byteorder");
  if (order !== undefined && new TextDecoder().decode(files.read(path, order.position, order.size)) !== "little") {
    throw mergeError(
      path,
      "little-endian numbers",
      "big-endian ones",
      "Save the model again on a usual machine, as safetensors.",
    );
  }
  const content = readPickle(files.read(path, pickle.position, pickle.size), path, globals);
  const inner = content instanceof Map ? (content.get("state_dict") ?? content) : content;
  if (!(inner instanceof Map))
    throw mergeError(path, "a dictionary of tensors", typeof inner, "Save the model's state_dict.");
  const found: InputTensor[] = [];
  for (const [name, value] of inner as Map<unknown, unknown>) {
    if (typeof name !== "string")
      throw mergeError(path, "names of tensors", String(name), "Save the model's state_dict.");
    const stored = describe(value, `${path} ${name}`, entries, path);
    found.push(storedTensor({ ...stored, name, path }, files));
  }
  return found;
}

function entryOf(entries: ReadonlyMap<string, ZipEntry>, name: string, path: string): ZipEntry {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  throw mergeError(
    `${path} ${name}`,
    "this entry of the archive",
    "nothing",
    "The file is damaged, or not of torch.save: copy it again.",
  );
}

type Described = Pick<Parameters<typeof storedTensor>[0], "tag" | "shape" | "byteOffset" | "byteLength" | "checksum">;

function describe(value: unknown, where: string, entries: ReadonlyMap<string, ZipEntry>, path: string): Described {
  const { call, args } = (value ?? {}) as Partial<PickleCall>;
  if (call === rebuildParameter) return describe(args?.[0], where, entries, path);
  if (call !== rebuildTensor || args === undefined) {
    const hint = "Only tensors can be merged: save the model's state_dict, or the whole model as safetensors.";
    throw mergeError(where, "a tensor", value === null ? "nothing" : `a value of type ${typeof value}`, hint);
  }
  const [storage, offset, shape, stride] = args as [
    Partial<PersistentId>,
    number,
    readonly number[],
    readonly number[],
  ];
  const [kind, type, key] = (storage?.persistent ?? []) as [unknown, Partial<PickleGlobal>, unknown];
  const name = type?.global?.replace(/^torch /, "") ?? "";
  const known = kind === "storage" && typeof key === "string" && Object.hasOwn(storages, name);
  if (!known || !isSizes(shape) || !isSizes(stride) || !Number.isSafeInteger(offset)) {
    throw mergeError(
      where,
      "a tensor of a known storage",
      name || "another value",
      "Save the model again as safetensors.",
    );
  }
  checkContiguous(where, shape, stride);
  const [tag, width] = storages[name];
  const entry = entryOf(entries, `data/${key}`, path);
  const byteLength = elementCount(shape) * width;
  if (offset < 0 || offset * width + byteLength > entry.size) {
    throw mergeError(
      where,
      `${byteLength} bytes from element ${offset} on`,
      `a storage of ${entry.size} bytes`,
      "The file is damaged: copy it again.",
    );
  }
  return { tag, shape, byteOffset: entry.position + offset * width, byteLength, checksum: null };
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function checkContiguous(where: string, shape: readonly number[], stride: readonly number[]): void {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) {
      const hint = "Call contiguous() on the tensors before torch.save, or save the model as safetensors.";
      throw mergeError(
        where,
        `a contiguous tensor of shape ${formatShape(shape)}`,
        `strides ${formatShape(stride)}`,
        hint,
      );
    }
    expected *= shape[axis];
  }
}
