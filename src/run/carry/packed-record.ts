import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import type { PartName } from "../../jobs/packed/pack-format.js";
import { readText } from "../../files/read-text.js";

/** A part that was handed out. */
export interface PackedPart extends PartName {
  /** The id of its job. */
  readonly job: string;
  readonly file: string;
  readonly packed: string;
}

const recordFile = "packed.json";

/** The parts that a run has handed out. @param folder  of the run */
export function readPacked(folder: string): readonly PackedPart[] {
  const path = join(folder, recordFile);
  return existsSync(path) ? (JSON.parse(readText(path)) as { parts: PackedPart[] }).parts : [];
}

/** Records parts; one that was handed out before gets its new file and time. */
export function recordPacked(folder: string, parts: readonly PackedPart[]): void {
  if (parts.length === 0) return;
  const all = new Map([...readPacked(folder), ...parts].map((part) => [part.job, part]));
  writeJsonAtomic(join(folder, recordFile), { parts: [...all.values()] });
}
