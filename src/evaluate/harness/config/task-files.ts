import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { suggestName } from "../../../errors/nearest-name.js";
import { fileError } from "../../../files/atomic-file.js";
import { taskFileError } from "./task-file-error.js";
import { parseTaskYaml, type Raw, type RawMap } from "./task-yaml.js";
import { readText } from "../../../files/read-text.js";

/** The task files of the package. */
const builtIn = fileURLToPath(new URL("../../../../tasks", import.meta.url));

/** A task or group by its name: the file's keys, with those of the files that it includes. */
export interface Entry {
  readonly kind: "task" | "group";
  readonly name: string;
  readonly file: string;
  readonly keys: RawMap;
}

export interface TaskFiles {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Tag → names of its tasks, in alphabetical order of their files. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

/**
 * All task files: those of the package, then those of the folders, which replace tasks of the same name.
 *
 * @throws StrataError for a folder that does not exist, or a file that is wrong
 */
export function findTaskFiles(folders: readonly string[]): TaskFiles {
  const entries = new Map<string, Entry>();
  const tags = new Map<string, string[]>();
  for (const folder of [builtIn, ...folders]) {
    if (!existsSync(folder))
      throw taskFileError(folder, "a folder with task files", "no such folder", "Correct --include_path.");
    for (const file of yamlFiles(folder)) {
      const keys = readTaskFile(file);
      const entry = entryOf(file, keys);
      if (entry === null) continue;
      entries.set(entry.name, entry);
      if (entry.kind === "task")
        for (const tag of textsOf(keys.get("tag"))) {
          const members = tags.get(tag) ?? [];
          if (!members.includes(entry.name)) tags.set(tag, [...members, entry.name]);
        }
    }
  }
  return { entries, tags };
}

function yamlFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => join(folder, name));
}

function entryOf(file: string, keys: RawMap): Entry | null {
  const [task, group] = [keys.get("task"), keys.get("group")];
  if (typeof group === "string") return { kind: "group", name: group, file, keys };
  return typeof task === "string" ? { kind: "task", name: task, file, keys } : null;
}

/** @throws StrataError if the file, or one that it includes, cannot be read or is wrong */
export function readTaskFile(file: string, including: readonly string[] = []): RawMap {
  const path = resolve(file);
  if (including.includes(path))
    throw taskFileError(file, "files that do not include each other", "a circle", "Remove one `include`.");
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    throw fileError(file, "read the task file", error);
  }
  const own = parseTaskYaml(text, file);
  const keys: RawMap = new Map();
  for (const name of textsOf(own.get("include"))) {
    const included = readTaskFile(resolve(dirname(path), name), [...including, path]);
    for (const [key, value] of included) keys.set(key, value);
  }
  for (const [key, value] of own) if (key !== "include") keys.set(key, value);
  return keys;
}

export function textsOf(value: Raw | undefined): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === "string");
}

/** The error of a name that is no task, group or tag. */
export function unknownTask(name: string, { entries, tags }: TaskFiles): Error {
  const names = [...entries.keys(), ...tags.keys()];
  return taskFileError(
    `--tasks ${name}`,
    "a task, a group, a tag or a task file",
    "an unknown name",
    suggestName(name, names) ?? "`strata eval --tasks list` lists them; --include_path adds a folder of task files.",
  );
}
