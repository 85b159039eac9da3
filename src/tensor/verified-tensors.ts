import { fileStamp } from "../files/file-stamp.js";

/** A tensor in a file. */
export interface TensorPlace {
  readonly path: string;
  readonly byteOffset: number;
}

/** By path: the positions of tensors that this process has verified, while the file has the stamp. */
const files = new Map<string, { readonly stamp: string; readonly offsets: Set<number> }>();

export function stampOf({ path }: TensorPlace): string {
  return fileStamp(path) ?? "";
}

/** Whether this process has verified the tensor, and its file has not changed since. */
export function isVerified(tensor: TensorPlace): boolean {
  const file = files.get(tensor.path);
  return file !== undefined && file.offsets.has(tensor.byteOffset) && file.stamp === stampOf(tensor);
}

/** Times of files have steps of some milliseconds: a file that was written again in the same step keeps its stamp. */
const settledMilliseconds = 50;

/** Does nothing for a file that has just been written. @param stamp  of the file before the tensor was read */
export function rememberVerified({ path, byteOffset }: TensorPlace, stamp: string): void {
  const changed = Number(stamp.split(" ").at(-1)) / 1e6;
  if (!(changed < Date.now() - settledMilliseconds)) return;
  const known = files.get(path);
  if (known?.stamp === stamp) known.offsets.add(byteOffset);
  else files.set(path, { stamp, offsets: new Set([byteOffset]) });
}
