import { join } from "node:path";
import { archiveError } from "../../files/archive/manifest.js";
import { takeLease } from "../../files/lease.js";
import type { Writer } from "../../files/writer.js";
import { StrataError } from "../../errors/strata-error.js";
import { jobFolder, readDone, type Store } from "../../jobs/job-folder.js";
import { installDone } from "../../jobs/packed/install-done.js";
import { describePart, openDone, type OpenDone } from "../../jobs/packed/pack-format.js";
import { version } from "../../version.js";
import type { RunPlan } from "../graph/run-graph.js";
import type { PreparedRun } from "../execute-runs.js";
import { allParts, type NamedPart } from "./choose-parts.js";

export interface CollectedFile {
  readonly file: string;
  readonly outcome: "collected" | "already" | "refused";
  /** Null for a file that was refused. */
  readonly part: NamedPart | null;
  /** The reason of a refusal; null otherwise. */
  readonly error: StrataError | null;
  readonly notes: readonly string[];
}

export interface CollectOptions {
  readonly freeDisk: (folder: string) => number;
  readonly signal: AbortSignal;
  /** Called while another process collects or trains the same part. */
  readonly onWait: (holder: Writer) => void;
}

/** Makes the part in a file a finished job of the run. A file that is refused changes nothing. */
export async function collectFile(
  { plan, folder }: PreparedRun,
  store: Store,
  file: string,
  { freeDisk, signal, onWait }: CollectOptions,
): Promise<CollectedFile> {
  try {
    const archive = await openDone(file);
    const part = partOf(plan, archive);
    if (readDone(store, part.job.id) !== null) return { file, outcome: "already", part, error: null, notes: [] };
    refuseWithoutBase(store, part);
    const staging = join(folder, `incoming-${part.job.id}`);
    const options = { staging, base: part.job.inputs.start, freeBytes: freeDisk(store.folder), signal, onWait };
    // Another process may collect the same part.
    const lease = await takeLease(`${staging}.lock`, onWait, signal);
    try {
      await installDone(store, part.job, archive, options);
    } finally {
      lease.release();
    }
    return { file, outcome: "collected", part, error: null, notes: notesOn(archive) };
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    return { file, outcome: "refused", part: null, error, notes: [] };
  }
}

function partOf(plan: RunPlan, { path, manifest }: OpenDone): NamedPart {
  const parts = allParts(plan).filter(({ job }) => job.id === manifest.job);
  // Several strategies may have the same part.
  if (parts.length > 0) return parts.find(({ strategy }) => strategy === manifest.strategy) ?? parts[0];
  const { recipe, strategy, round, part: number } = manifest;
  const same = allParts(plan).find(
    (one) => one.recipe === recipe && one.strategy === strategy && one.round === round && one.part === number,
  );
  const hint =
    "The part belongs to another recipe, to other values of it or other data, or Strata has another version here " +
    `(the file is of ${manifest.version}, this is ${version}).`;
  throw archiveError(
    path,
    `a training of ${plan.recipe.name}${same === undefined ? "" : `: ${describePart(same)} is ${same.job.id}`}`,
    `${manifest.job}, ${describePart(manifest)} of ${recipe}`,
    hint,
  );
}

/** The worker sends only what differs from the model that it started from. */
function refuseWithoutBase(store: Store, { job }: NamedPart): void {
  const { start } = job.inputs;
  const done = readDone(store, start.job);
  if (done !== null && done.pruned !== true) return;
  throw new StrataError("RunError", {
    where: jobFolder(store, start.job),
    expected: "the model that the part started from",
    got: "none",
    hint: "Collect into the folder of runs that packed the part (`--runs`).",
  });
}

function notesOn({ path, manifest }: OpenDone): string[] {
  if (manifest.version === version) return [];
  return [`${path} was written by Strata ${manifest.version}; this is ${version}`];
}

/** Which trainings multiplied in another way than most; a note ends without a full stop. */
export function deviceNotes(plan: RunPlan, store: Store): string[] {
  const devices = new Map<string, string[]>();
  const listed = new Set<string>();
  for (const part of allParts(plan)) {
    const device = readDone(store, part.job.id)?.device;
    if (device === undefined || listed.has(part.job.id)) continue;
    listed.add(part.job.id);
    devices.set(device, [...(devices.get(device) ?? []), describePart(part)]);
  }
  if (devices.size < 2) return [];
  const [[usual], ...others] = [...devices].sort(([, a], [, b]) => b.length - a.length);
  return others.map(
    ([device, parts]) =>
      `${parts.join("; ")} multiplied by ${device}, the others by ${usual}: such parts round differently, so that ` +
      "the run cannot be repeated bit by bit on one machine",
  );
}
