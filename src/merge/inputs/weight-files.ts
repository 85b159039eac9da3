import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { refuseLfsPointerFile } from "../../files/lfs-pointer.js";
import { mergeError, shownValue } from "../merge-error.js";
import { readText } from "../../files/read-text.js";

/** The files of a folder that contain its tensors. */
export interface WeightFiles {
  readonly format: "safetensors" | "pytorch";
  readonly files: readonly string[];
  /** Tensor → path of its file, if an index says so: other tensors of these files do not count. */
  readonly index: ReadonlyMap<string, string> | null;
}

const formats = [
  { format: "safetensors", name: "model.safetensors" },
  { format: "pytorch", name: "pytorch_model.bin" },
] as const;

/**
 * Finds `model.safetensors` or `pytorch_model.bin`, or the files that `….index.json` lists, in this order; else all
 * other safetensors files of the folder.
 *
 * @throws StrataError if there are none, or the index is damaged or names a missing file
 */
export function findWeightFiles(folder: string): WeightFiles {
  for (const { format, name } of formats) {
    const indexPath = join(folder, `${name}.index.json`);
    if (existsSync(indexPath)) {
      const index = readIndex(folder, indexPath);
      return { format, files: [...new Set(index.values())].sort(), index };
    }
    if (existsSync(join(folder, name))) return { format, files: [join(folder, name)], index: null };
  }
  const others = readdirSync(folder).filter((name) => name.endsWith(".safetensors") && !name.startsWith("adapter_"));
  if (others.length > 0)
    return { format: "safetensors", files: others.sort().map((name) => join(folder, name)), index: null };
  const isAdapter = existsSync(join(folder, "adapter_config.json"));
  const hint = isAdapter
    ? "This folder is an adapter: write `model: BASE+ADAPTER` with the model that it was trained on."
    : "Check the path, and that the model was copied or downloaded completely.";
  throw mergeError(folder, "model.safetensors, pytorch_model.bin or an index of several files", "no weights", hint);
}

function readIndex(folder: string, path: string): ReadonlyMap<string, string> {
  const hint = "The file is damaged: copy it again from its source.";
  refuseLfsPointerFile(path);
  let map: unknown;
  try {
    map = (JSON.parse(readText(path)) as { weight_map?: unknown } | null)?.weight_map;
  } catch (error) {
    throw mergeError(path, "JSON", (error as Error).message, hint, error);
  }
  const entries = typeof map === "object" && map !== null && !Array.isArray(map) ? Object.entries(map) : [];
  if (entries.length === 0) throw mergeError(path, "weight_map with the file of each tensor", shownValue(map), hint);
  return new Map(
    entries.map(([tensor, name]: [string, unknown]) => {
      if (typeof name !== "string" || !/^[^/\\]+$/.test(name) || /^\.\.?$/.test(name)) {
        throw mergeError(`${path} ${tensor}`, "the name of a file in the same folder", shownValue(name), hint);
      }
      const file = join(folder, name);
      if (existsSync(file)) return [tensor, file];
      throw mergeError(
        file,
        `a file with ${tensor}, as ${path} says`,
        "nothing",
        "Check that the model was copied or downloaded completely.",
      );
    }),
  );
}
