import { openSafetensors } from "../../tensor/safetensors.js";
import type { FileReader } from "./file-reader.js";
import type { InputTensor } from "./input-tensor.js";
import { storedTensor } from "./stored-tensor.js";

/** The tensors of a safetensors file. */
export function safetensorsTensors(path: string, reader: FileReader): InputTensor[] {
  const tags = { f32: "F32", bf16: "BF16", f16: "F16", f64: "F64", i32: "I32" } as const;
  const { tensors, unreadable } = openSafetensors(path);
  return [
    ...[...tensors.values()].map((tensor) => storedTensor({ ...tensor, tag: tags[tensor.dtype] }, reader)),
    ...[...unreadable.values()].map(({ name, dtype, shape, bytes }) =>
      storedTensor({ ...bytes, tag: dtype, shape, name }, reader),
    ),
  ];
}
