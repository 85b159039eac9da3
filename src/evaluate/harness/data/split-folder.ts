import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isFolder } from "../../../files/is-folder.js";
import { splitsOf } from "../../../hub/datasets/data-files.js";

/** Files by split. */
export type SplitFiles = ReadonlyMap<string, readonly string[]>;

const named = /^(\w+)\.(jsonl|ndjson|json|csv|tsv|parquet)(\.gz|\.zst)?$/i;
const splitNames = ["train", "validation", "test", "dev"];

/**
 * The splits in a folder: files such as `test.jsonl`, otherwise as the hub's data sets name their files, such as
 * `data/test-00000-of-00001.parquet`. A folder inside for the configuration, such as `ARC-Easy`, is read in its place.
 */
export function splitsInFolder(folder: string, config: string | null): SplitFiles {
  const own = namedSplits(folder);
  if (own.size > 0) return own;
  const inner = config === null ? folder : join(folder, config);
  if (inner !== folder && isFolder(inner)) return splitsInFolder(inner, null);
  const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((path) => isFile(join(folder, path)));
  const found = splitsOf({ folder: "", splits: null }, paths.map((path) => path.replaceAll("\\", "/")).sort());
  return new Map(Array.from(found, ([split, files]) => [split, files.map((file) => join(folder, file))]));
}

function namedSplits(folder: string): SplitFiles {
  const splits = new Map<string, string[]>();
  for (const name of readdirSync(folder).sort()) {
    const split = named.exec(name)?.[1] ?? "";
    if (splitNames.includes(split) && isFile(join(folder, name)))
      splits.set(split, [...(splits.get(split) ?? []), join(folder, name)]);
  }
  return splits;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
