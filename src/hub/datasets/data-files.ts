import type { DataConfig } from "./data-card.js";
import { matchesGlob } from "../patterns.js";

/** Files of a data set by split. */
export type Splits = ReadonlyMap<string, readonly string[]>;

/** Names of files with records. */
const dataFile = /\.(jsonl|ndjson|json|parquet|csv|tsv|txt)(\.(gz|zst|bz2|xz))?$/i;
const descriptions = ["README.md", "config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json"];

/** Words in file and folder names that indicate a split. */
const splitWords: Readonly<Record<string, readonly string[]>> = {
  train: ["train", "training"],
  validation: ["validation", "valid", "dev", "val"],
  test: ["test", "testing", "eval", "evaluation"],
};

/**
 * The splits of a configuration, as the `datasets` library finds them: by its patterns, otherwise by the names in its
 * folder. Empty if there are no data files.
 *
 * @param paths  all paths of the repository, sorted
 */
export function splitsOf({ folder, splits }: Pick<DataConfig, "folder" | "splits">, paths: readonly string[]): Splits {
  const start = folder === "" ? "" : `${folder}/`;
  const inside = paths.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
  const found = splits === null ? splitsByName(inside.filter(isData)) : splitsByPattern(splits, inside);
  return new Map([...found].map(([split, files]) => [split, files.map((file) => start + file)]));
}

function splitsByPattern(splits: ReadonlyMap<string, readonly string[]>, paths: readonly string[]): Splits {
  const filesOf = (patterns: readonly string[]) => [
    ...new Set(patterns.flatMap((pattern) => paths.filter((path) => isSelected(path, pattern)))),
  ];
  return new Map(
    [...splits].map(([split, patterns]) => [split, filesOf(patterns)] as const).filter(([, files]) => files.length > 0),
  );
}

/** A pattern selects description files and hidden files only if it names them. */
function isSelected(path: string, pattern: string): boolean {
  const isDescription = descriptions.includes(fileName(path)) && fileName(pattern) !== fileName(path);
  return matchesGlob(path, pattern) && !isDescription && (!isHidden(path) || isHidden(pattern));
}

/** By shard names in `data/`, then by words in folder names, then in file names; otherwise everything is `train`. */
function splitsByName(paths: readonly string[]): Splits {
  const files = oneFormat(paths);
  const sharded = bySplit(files, (path) => /^data\/([^/]+)-\d{5}-of-\d{5}[^/]*\.[^/]+$/.exec(path)?.[1] ?? null);
  if (sharded.size > 0) return sharded;
  const byFolder = byWord(files, (path) => path.split("/").slice(0, -1));
  if (byFolder.size > 0) return byFolder;
  const byName = byWord(files, (path) => path.split("/").slice(-1));
  if (byName.size > 0) return byName;
  return files.length === 0 ? new Map() : new Map([["train", files]]);
}

function bySplit(paths: readonly string[], splitOf: (path: string) => string | null): Splits {
  const splits = new Map<string, string[]>();
  for (const path of paths) {
    const split = splitOf(path);
    if (split !== null) splits.set(split, [...(splits.get(split) ?? []), path]);
  }
  return splits;
}

/** A word must not touch other letters: `my_train-1.jsonl` and `training.txt` match train, `retrained.csv` does not. */
function byWord(paths: readonly string[], partsOf: (path: string) => readonly string[]): Splits {
  const splits = Object.entries(splitWords).map(([split, words]) => {
    const word = new RegExp(`(?:^|[-._ 0-9])(?:${words.join("|")})(?:$|[-._ 0-9])`);
    return [split, paths.filter((path) => partsOf(path).some((part) => word.test(part)))] as const;
  });
  return new Map(splits.filter(([, files]) => files.length > 0));
}

/** The files of the most frequent format: the same data may be present in two formats. */
function oneFormat(paths: readonly string[]): readonly string[] {
  const formats = bySplit(paths, (path) => (dataFile.exec(path)?.[1] ?? "").toLowerCase());
  return [...formats.values()].reduce(
    (largest, files) => (files.length > largest.length ? files : largest),
    [] as readonly string[],
  );
}

function isData(path: string): boolean {
  return dataFile.test(path) && !descriptions.includes(fileName(path)) && !isHidden(path);
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") || part.startsWith("__"));
}

/** Configurations of the branch with the hub's converted Parquet files: `CONFIG/SPLIT/0000.parquet`. */
export function convertedConfigs(paths: readonly string[]): Map<string, Splits> {
  const configs = new Map<string, Map<string, string[]>>();
  for (const path of paths) {
    const [, config, split] = /^([^/]+)\/([^/]+)\/[^/]+\.parquet$/.exec(path) ?? [];
    if (config === undefined) continue;
    const splits = configs.get(config) ?? new Map<string, string[]>();
    splits.set(split, [...(splits.get(split) ?? []), path]);
    configs.set(config, splits);
  }
  return configs;
}
