import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isFolder } from "../../files/is-folder.js";
import { createHashedFile, readRange } from "../../files/number-file.js";
import { parseHeader } from "../../tensor/safetensors-header.js";
import { openSafetensors, storedChunks, type SafetensorsFile, type StoredTensor } from "../../tensor/safetensors.js";
import { writeSafetensors } from "../../tensor/write-safetensors.js";
import { damagedInput } from "../job-folder.js";

/** The tensors of all safetensors files of a folder, by name. */
export function tensorsOfFolder(folder: string): ReadonlyMap<string, StoredTensor> {
  const names = isFolder(folder) ? readdirSync(folder) : [];
  const files = names
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => openSafetensors(join(folder, name)));
  return new Map(files.flatMap(({ tensors }) => [...tensors]));
}

/**
 * Writes the tensors of a file that differ from those of the same name in `base`, and the file's header: from both and
 * the base, `joinTensors` makes the file again.
 *
 * @returns false, with nothing written, if no tensor is the same or the file has one of an unknown type
 */
export async function splitTensors(
  path: string,
  base: ReadonlyMap<string, StoredTensor>,
  targets: { readonly header: string; readonly tensors: string },
): Promise<boolean> {
  const file = openSafetensors(path);
  const all = [...file.tensors.values()];
  const changed = all.filter((tensor) => !isSame(tensor, base.get(tensor.name)));
  if (file.unreadable.size > 0 || changed.length === all.length) return false;
  const chunks = ({ name }: { readonly name: string }) => storedChunks(file.tensors.get(name) as StoredTensor);
  await writeSafetensors(targets.tensors, changed, chunks);
  const header = createHashedFile(targets.header);
  header.append(readRange(path, 0, Math.min(...all.map(({ byteOffset }) => byteOffset))));
  header.finish();
  return true;
}

function isSame(tensor: StoredTensor, base: StoredTensor | undefined): boolean {
  if (base?.dtype !== tensor.dtype || JSON.stringify(base.shape) !== JSON.stringify(tensor.shape)) return false;
  const chunks = storedChunks(base);
  for (const chunk of storedChunks(tensor))
    if (Buffer.compare(chunk, chunks.next().value as Uint8Array) !== 0) return false;
  return true;
}

/**
 * Makes the file that `splitTensors` was given.
 *
 * @param bytes  of the file
 * @returns its sha256
 * @throws StrataError if the base lacks a tensor that did not differ
 */
export function joinTensors(
  path: string,
  bytes: number,
  base: ReadonlyMap<string, StoredTensor>,
  sources: { readonly header: string; readonly tensors: string },
): string {
  const header = readFileSync(sources.header);
  const changed: SafetensorsFile = openSafetensors(sources.tensors);
  const { entries } = parseHeader(sources.header, header.subarray(8), bytes);
  const file = createHashedFile(path);
  try {
    file.append(header);
    for (const { name, begin, end } of entries) {
      const tensor = changed.tensors.get(name) ?? base.get(name);
      if (tensor?.byteLength !== end - begin)
        throw damagedInput(`${path} ${name}`, `${end - begin} bytes`, `${tensor?.byteLength ?? "none"}`, path);
      for (const chunk of storedChunks(tensor)) file.append(chunk);
    }
    return file.finish();
  } finally {
    file.abandon();
  }
}
