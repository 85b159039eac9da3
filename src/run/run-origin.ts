import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../files/atomic-file.js";
import { readText } from "../files/read-text.js";

/** The command that started a run last, so that a display can say how to repeat it and which values it overrode. */
export interface RunOrigin {
  /** As it was given. */
  readonly recipe: string;
  /** The values of `--set`, as they were given. */
  readonly set: readonly string[];
  /** The value of `--runs`; null if it was not given. */
  readonly runs: string | null;
  /** The working directory. */
  readonly directory: string;
}

const file = (folder: string) => join(folder, "origin.json");

/** @param folder  of the run */
export function writeOrigin(folder: string, origin: RunOrigin): void {
  writeJsonAtomic(file(folder), origin);
}

/** Null if the run was started by an earlier version, or the record is damaged. */
export function readOrigin(folder: string): RunOrigin | null {
  if (!existsSync(file(folder))) return null;
  try {
    const { recipe, set, runs, directory } = JSON.parse(readText(file(folder))) as Partial<RunOrigin>;
    const isOrigin = typeof recipe === "string" && typeof directory === "string" && Array.isArray(set);
    return isOrigin ? { recipe, directory, set: set.map(String), runs: runs ?? null } : null;
  } catch {
    return null;
  }
}
