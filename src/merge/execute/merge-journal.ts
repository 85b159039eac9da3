import { existsSync } from "node:fs";
import { hashBytes } from "../../files/hash.js";
import { appendJournal, damageNote, readJournal, rewriteJournal } from "../../files/journal.js";
import { version } from "../../version.js";
import type { TensorAttribution } from "../attribution/tensor-attribution.js";
import { formatModelReference } from "../config/model-reference.js";
import { fileStamps } from "../inputs/open-model.js";
import type { MergePlan } from "../plan/merge-plan.js";
import { readText } from "../../files/read-text.js";

/** A tensor that is in its file. */
export interface DoneTensor {
  readonly tensor: string;
  /** CRC-32 of its bytes. */
  readonly checksum: number;
  /** Outputs of the random stream that it and all before it have consumed. */
  readonly random: number;
  readonly notes: readonly string[];
  /** Null for a tensor that is only copied. */
  readonly attribution: TensorAttribution | null;
}

/** After a flush: so many of the tensors, in the order of the journal, were written before it started. */
interface Flushed {
  readonly flushed: number;
}

type Entry = { readonly identity: string; readonly boot: string } | DoneTensor | Flushed;

/** Everything on which the bytes of the output depend. */
export function identityOf(plan: MergePlan): string {
  return hashBytes(
    JSON.stringify([
      version,
      plan.config.text,
      plan.models.map((model) => [formatModelReference(model.reference), ...fileStamps(model)]),
      plan.seed,
      plan.isCompatible,
      plan.shards.map(({ name, tensors }) => [name, tensors.map((tensor) => [tensor.name, tensor.tag, tensor.shape])]),
    ]),
  );
}

/**
 * What a killed merge with the same identity has done; null if there is none.
 *
 * @param note  receives a damaged line: its tensor and those after it are merged again
 */
export function readMergeJournal(
  path: string,
  identity: string,
  note: (line: string) => void,
): readonly DoneTensor[] | null {
  const [start, ...entries] = readJournal<Entry>(path, {}, (damage) => note(damageNote(damage)));
  if (start === undefined || !("identity" in start) || start.identity !== identity) return null;
  // After a crash of the machine, only what was flushed is certain to be on the disk.
  const boot = bootOf();
  const isSameBoot = boot !== "" && start.boot === boot;
  const flushed = entries.findLast((entry) => "flushed" in entry)?.flushed ?? 0;
  const done = entries.filter((entry) => "tensor" in entry);
  return isSameBoot ? done : done.slice(0, flushed);
}

export function startMergeJournal(path: string, identity: string, done: readonly DoneTensor[]): void {
  const start: Entry = { identity, boot: bootOf() };
  rewriteJournal(path, [start, ...done]);
}

export function appendMergeJournal(path: string, entry: DoneTensor | Flushed): void {
  appendJournal(path, entry);
}

/** Names the time since the machine started; empty where the system has no such name. */
function bootOf(): string {
  const path = "/proc/sys/kernel/random/boot_id";
  return existsSync(path) ? readText(path).trim() : "";
}
