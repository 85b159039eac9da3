import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../files/atomic-file.js";
import { refuseLfsPointerFile } from "../files/lfs-pointer.js";
import { checkpointError } from "./checkpoint-error.js";
import { tensorBytes, type TensorEntry } from "./safetensors.js";
import { writeSafetensors, type TensorChunks } from "./write-safetensors.js";
import { readText } from "../files/read-text.js";

/** A larger model is written as several files, with an index that maps each tensor to its file. */
export const defaultShardBytes = 5e9;

const single = "model.safetensors";
const index = "model.safetensors.index.json";

/**
 * The weight files of a folder: `model.safetensors`, or the files in its index, in the order of their names. If two
 * contain a tensor of one name, the last one counts, as in transformers.
 *
 * @throws StrataError if the folder has neither, or the index is damaged
 */
export function safetensorsFiles(folder: string): readonly string[] {
  if (existsSync(join(folder, single))) return [join(folder, single)];
  const path = join(folder, index);
  if (!existsSync(path)) {
    const others =
      existsSync(join(folder, "pytorch_model.bin")) || existsSync(join(folder, "pytorch_model.bin.index.json"));
    const hint = others
      ? "Load the model in transformers and save it again: it writes safetensors."
      : "Check the path, and that the model was copied completely.";
    throw checkpointError(
      join(folder, single),
      `${single} or ${index}`,
      others ? "pytorch_model.bin" : "nothing",
      hint,
    );
  }
  const files = [...new Set(Object.values(readIndex(path)))].sort().map((name) => join(folder, name));
  const missing = files.find((file) => !existsSync(file));
  if (missing === undefined) return files;
  const hint = "Check that the model was copied or downloaded completely.";
  throw checkpointError(missing, `a file with tensors, as ${index} says`, "nothing", hint);
}

/** Tensor → file name. */
function readIndex(path: string): Readonly<Record<string, string>> {
  const hint = "The file is damaged: copy it again from its source.";
  let content: unknown;
  refuseLfsPointerFile(path);
  try {
    content = JSON.parse(readText(path));
  } catch (error) {
    throw checkpointError(path, "JSON", (error as Error).message, hint);
  }
  const map = (content as { weight_map?: unknown } | null)?.weight_map;
  const entries = typeof map === "object" && map !== null && !Array.isArray(map) ? Object.entries(map) : [];
  if (entries.length === 0)
    throw checkpointError(path, "weight_map with the file of each tensor", JSON.stringify(map) ?? "nothing", hint);
  const isName = (name: unknown) => typeof name === "string" && /^[^/\\]+$/.test(name) && !/^\.\.?$/.test(name);
  const other = entries.find(([, name]) => !isName(name));
  if (other === undefined) return map as Record<string, string>;
  throw checkpointError(`${path} ${other[0]}`, "the name of a file in the same folder", JSON.stringify(other[1]), hint);
}

/**
 * Writes a folder's weights in the order of `entries`: as `model.safetensors`, or above `shardBytes` as
 * `model-00001-of-0000N.safetensors` … and, last, the index. A tensor is never split.
 *
 * @param isOutput  as of `writeSafetensors`
 */
export async function writeShardedSafetensors(
  folder: string,
  entries: readonly TensorEntry[],
  chunks: TensorChunks,
  shardBytes = defaultShardBytes,
  isOutput = false,
): Promise<void> {
  const write = (name: string, some: readonly TensorEntry[]) =>
    writeSafetensors(join(folder, name), some, chunks, undefined, isOutput);
  const shards = planShards(entries, shardBytes);
  if (shards.length === 1) return write(single, entries);
  const number = (n: number) => String(n).padStart(5, "0");
  const map: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    const name = `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
    await write(name, shard);
    for (const entry of shard) map[entry.name] = name;
  }
  const total = entries.reduce((sum, entry) => sum + tensorBytes(entry), 0);
  const sorted = Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeJsonAtomic(join(folder, index), { metadata: { total_size: total }, weight_map: sorted });
}

/** Fills shards in order, up to `shardBytes` each; a larger tensor gets a separate shard. */
function planShards(entries: readonly TensorEntry[], shardBytes: number): TensorEntry[][] {
  const shards: TensorEntry[][] = [[]];
  let bytes = 0;
  for (const entry of entries) {
    const size = tensorBytes(entry);
    if (bytes > 0 && bytes + size > shardBytes) {
      shards.push([]);
      bytes = 0;
    }
    shards[shards.length - 1].push(entry);
    bytes += size;
  }
  return shards;
}
