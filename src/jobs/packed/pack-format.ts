import { instructionsNames, type Instructions } from "../../device/instructions.js";
import { archiveError, isInside, type ArchiveManifest } from "../../files/archive/manifest.js";
import { openArchive, type OpenArchive } from "../../files/archive/read-archive.js";
import type { JobInput } from "../job.js";

/** Which part of which strategy a pack is about. */
export interface PartName {
  readonly recipe: string;
  readonly strategy: string;
  /** From 1. */
  readonly round: number;
  /** From 1. */
  readonly part: number;
}

interface PackManifest extends ArchiveManifest, PartName {
  /** Of Strata, which wrote the pack. */
  readonly version: string;
  /** The id of the job. */
  readonly job: string;
}

/** A file that the worker downloads from the hub instead of finding it in the pack. */
export interface FetchedFile {
  /** `ORGANIZATION/NAME` of a model. */
  readonly repository: string;
  readonly commit: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Where it belongs in the store: `jobs/ID/model/NAME`. */
  readonly target: string;
}

/** A part to work on: a small store with the job and what it reads. */
export interface PartManifest extends PackManifest {
  readonly kind: "part";
  /** Of the recipe's `machine.instructions`. */
  readonly instructions: Instructions;
  /** The outputs that other jobs of the run read. */
  readonly returns: readonly string[];
  /** The model of which the worker sends back only what differs. */
  readonly base: JobInput;
  readonly fetch: readonly FetchedFile[];
}

/** How an output gets back to the run. */
export type ReturnedOutput =
  /** As it is. */
  | { readonly path: string; readonly as: "file" }
  /** It equals this file of the base. */
  | { readonly path: string; readonly as: "base"; readonly file: string }
  /** Its header, and the tensors that differ from those of the base. */
  | { readonly path: string; readonly as: "tensors" };

/** A part that was worked on. */
export interface DoneManifest extends PackManifest {
  readonly kind: "done";
  readonly outputs: readonly ReturnedOutput[];
}

export type OpenPart = OpenArchive<PartManifest>;
export type OpenDone = OpenArchive<DoneManifest>;

export const recipePath = "recipe.yaml";
export const headerPath = (output: string) => `headers/${output}`;
export const tensorsPath = (output: string) => `tensors/${output}`;

/** A job's id, which is the name of a folder. */
export const jobIdPattern = /^[a-z-]+-[0-9a-f]{16}$/;

/** @throws StrataError if the archive is damaged or is no part to work on */
export async function openPart(path: string): Promise<OpenPart> {
  const archive = (await openArchive(path)) as OpenPart;
  checkPack(archive, "part", "Work on files that `strata pack` wrote; `strata collect` takes those of `strata work`.");
  const { returns, fetch, base, instructions } = archive.manifest;
  const isBase = jobIdPattern.test(base?.job) && isPaths([base.path]);
  if (!instructionsNames.includes(instructions)) {
    const hint = "Use the version of Strata that packed the part.";
    throw archiveError(path, `instructions ${instructionsNames.join(", ")}`, JSON.stringify(instructions), hint);
  }
  if (!isPaths(returns) || !isBase || !Array.isArray(fetch) || !fetch.every(isFetched)) throw strange(path);
  checkPlaces(archive, /^(recipe\.yaml|jobs\/[a-z-]+-[0-9a-f]{16}\/.+)$/);
  return archive;
}

/** @throws StrataError if the archive is damaged or is no finished part */
export async function openDone(path: string): Promise<OpenDone> {
  const archive = (await openArchive(path)) as OpenDone;
  checkPack(archive, "done", "Run `strata work` on this file first, and collect the file that it writes.");
  const { outputs } = archive.manifest;
  const isOutput = (output: Partial<Record<string, unknown>> | null) =>
    isPaths([output?.path]) &&
    (output?.as === "base" ? isPaths([output.file]) : /^(file|tensors)$/.test(String(output?.as)));
  if (!Array.isArray(outputs) || !outputs.every(isOutput)) throw strange(path);
  checkPlaces(archive, /^(job|headers|tensors)\/.+$/);
  return archive;
}

function checkPack({ path, manifest }: OpenArchive<PackManifest>, kind: string, hint: string): void {
  const { kind: found, job, recipe, strategy, version, round, part } = manifest as PackManifest & { kind: string };
  if (found !== kind) {
    const names: Readonly<Record<string, string>> = { part: "a part to work on", done: "a part that was worked on" };
    throw archiveError(path, names[kind], names[found] ?? JSON.stringify(found), hint);
  }
  const texts = [job, recipe, strategy, version].every(isLine);
  if (!texts || !jobIdPattern.test(job) || ![round, part].every(Number.isSafeInteger)) throw strange(path);
}

/** Whether all are paths that stay in their folder. */
function isPaths(value: unknown): boolean {
  return Array.isArray(value) && value.every((path) => typeof path === "string" && isInside(path));
}

/** Whether it is text without control characters, which a terminal would obey. */
export function isLine(value: unknown): boolean {
  // oxlint-disable-next-line no-control-regex
  return typeof value === "string" && !/[\u0000-\u001f\u007f-\u009f]/.test(value);
}

function isFetched(file: Partial<FetchedFile> | null): boolean {
  const { repository, commit, path, target, sha256 } = file ?? {};
  if (![repository, commit, sha256].every(isLine)) return false;
  return isPaths([path, target]) && /^jobs\/[a-z-]+-[0-9a-f]{16}\//.test(target as string);
}

function checkPlaces({ path, manifest }: OpenArchive, allowed: RegExp): void {
  const other = manifest.members.find((member) => !allowed.test(member.path));
  if (other !== undefined) throw archiveError(`${path} ${other.path}`, "only files of a part", "another one");
}

function strange(path: string): Error {
  return archiveError(path, "the manifest of a part", "one that lacks an entry");
}

/** `part 2 of slerp-1`, or with the round if it is not the first. */
export function describePart({ strategy, round, part }: PartName): string {
  return `part ${part} of ${strategy}${round > 1 ? `, round ${round}` : ""}`;
}
