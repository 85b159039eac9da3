import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isFolder } from "../../../files/is-folder.js";
import { prepareAddon } from "../../../device/cpu/prepare-addon.js";
import type { DeviceName } from "../../../device/devices.js";
import { StrataError } from "../../../errors/strata-error.js";
import { leaseHolder, signsOfLife, takeLease, tryLease, type Lease } from "../../../files/lease.js";
import { describeWriter, type Writer } from "../../../files/writer.js";
import { describePart, openPart } from "../../../jobs/packed/pack-format.js";
import { doneFileOf, hasResult, workPart, type WorkOptions } from "../../../run/carry/work-part.js";
import { unlessAborted } from "../../../run/unless-aborted.js";
import { formatBytes } from "../../../text/format-bytes.js";
import { freeDisk } from "../../environment/free-disk.js";
import { hubSettings } from "../../environment/hub-settings.js";
import { interruption } from "../../environment/interruption.js";
import { machineLimits } from "../../environment/machine-limits.js";
import { programFile } from "../../environment/program-file.js";
import { exitCodes } from "../../exit-codes.js";
import { describeError } from "../../view/describe-error.js";
import { showWork, type WorkView } from "../../view/carry/work-view.js";

export interface WorkCommandOptions {
  readonly threads?: number;
  readonly device: DeviceName;
  readonly keep: boolean;
  readonly wait: boolean;
  readonly scratch?: string;
  readonly quiet: boolean;
}

/** How long a worker waits before it looks again for files in a shared folder. */
const waitMilliseconds = 3000;

/** @param paths  packed parts, or folders of them, which are worked on one after another */
export async function workCommand(paths: readonly string[], options: WorkCommandOptions): Promise<void> {
  const view = options.quiet ? null : showWork(process.stderr);
  const signal = interruption(() =>
    view?.print("Stopping: the training writes a checkpoint. Press Ctrl-C again to exit."),
  );
  await unlessAborted(workPaths(paths, options, signal, view), signal).finally(() => view?.stop());
  if (!signal.aborted) return;
  process.stderr.write("Interrupted. Run the same command again to resume from the checkpoint.\n");
  process.exitCode = exitCodes.interrupted;
}

/** After a failure works on the others. */
async function workPaths(
  paths: readonly string[],
  options: WorkCommandOptions,
  signal: AbortSignal,
  view: WorkView | null,
): Promise<void> {
  for (const path of paths) {
    try {
      await (isFolder(path) ? workFolder : workFile)(path, options, signal, view);
    } catch (error) {
      if (signal.aborted || path === paths.at(-1)) throw error;
      reportFailure(error);
    }
    if (signal.aborted) return;
  }
}

function reportFailure(error: unknown): void {
  process.stderr.write(`${describeError(error).text}\n`);
  process.exitCode = exitCodes.failed;
}

async function workFile(file: string, options: WorkCommandOptions, signal: AbortSignal, view: WorkView | null) {
  if (await reportDone(file)) return;
  const onWait = (holder: Writer) =>
    process.stderr.write(`waiting for ${describeWriter(holder)}, which works on ${file}\n`);
  const lease = await takeLease(leaseOf(file), onWait, signal);
  try {
    if (!(await reportDone(file))) await workOn(file, lease, options, signal, view);
  } finally {
    lease.release();
  }
}

async function reportDone(file: string): Promise<boolean> {
  const isDone = await hasResult(file);
  if (isDone) process.stdout.write(`${doneFileOf(file)}: already written\n`);
  return isDone;
}

const leaseOf = (file: string) => `${file}.lease`;

/**
 * Works on every file of a folder that has no result and that no other machine works on; after a failure on the others.
 * Without `--wait` it ends when all that is left are files of machines that are alive.
 */
async function workFolder(folder: string, options: WorkCommandOptions, signal: AbortSignal, view: WorkView | null) {
  const failed = new Set<string>();
  const isAlive = signsOfLife();
  let isNoted = false;
  for (;;) {
    const { worked, taken } = await workOnNext(folder, failed, options, signal, view);
    if (signal.aborted) return;
    if (worked) continue;
    const silent = taken.filter((file) => !isAlive(leaseOf(file)));
    if (!options.wait && silent.length === 0) {
      for (const file of taken) process.stderr.write(`${file}: ${holderText(file)} works on it\n`);
      return;
    }
    if (!options.wait && !isNoted) {
      isNoted = true;
      for (const file of silent)
        process.stderr.write(`${file}: ${holderText(file)} has it; waiting for a sign of life\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, waitMilliseconds));
  }
}

function holderText(file: string): string {
  const holder = leaseHolder(leaseOf(file));
  return holder === null ? "another process" : describeWriter(holder);
}

/** @returns whether there was a file to work on; without one, the open files that other processes have */
async function workOnNext(
  folder: string,
  failed: Set<string>,
  options: WorkCommandOptions,
  signal: AbortSignal,
  view: WorkView | null,
): Promise<{ readonly worked: boolean; readonly taken: readonly string[] }> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".strata") && !name.endsWith(".done.strata"));
  const taken: string[] = [];
  for (const file of names.sort().map((name) => join(folder, name))) {
    if (failed.has(file)) continue;
    let lease: Lease | null = null;
    try {
      if (await hasResult(file)) continue;
      lease = tryLease(leaseOf(file));
      if (lease === null) taken.push(file);
      // Another machine may have finished it before this one took the lease.
      if (lease === null || (await hasResult(file))) continue;
      if (!(await workOn(file, lease, options, signal, view))) failed.add(file);
    } catch (error) {
      if (signal.aborted) throw error;
      reportFailure(error);
      failed.add(file);
    } finally {
      lease?.release();
    }
    return { worked: true, taken };
  }
  return { worked: false, taken };
}

/** @returns whether it is done */
async function workOn(
  file: string,
  lease: Lease,
  options: WorkCommandOptions,
  signal: AbortSignal,
  view: WorkView | null,
): Promise<boolean> {
  const part = await openPart(file);
  const { instructions } = part.manifest;
  if (options.device !== "reference") prepareAddon({}, instructions);
  const threads = options.threads ?? machineLimits().threads;
  view?.print(`${file}: ${describePart(part.manifest)} of ${part.manifest.recipe}, ${formatBytes(part.bytes)}`);
  const workOptions: WorkOptions = {
    execution: { device: options.device, instructions, threads },
    program: programFile,
    signal,
    hub: { settings: hubSettings(process.env), signal, ...view?.hubEvents },
    freeDisk,
    work: options.scratch === undefined ? `${file}.work` : join(options.scratch, `${part.manifest.job}.work`),
    keep: options.keep,
    lease,
    onStart: (state) => view?.onStart(state),
    onChange: (state, job, status) => view?.onChange(state, job, status),
  };
  const { outcome, failure, bytes } = await workPart(part, workOptions).finally(() => view?.end());
  if (outcome === "interrupted") return false;
  if (outcome === "finished") {
    process.stdout.write(`${doneFileOf(file)}: ${formatBytes(bytes ?? 0)}\n`);
    return true;
  }
  throw new StrataError("RunError", {
    where: file,
    expected: `to train ${describePart(part.manifest)}`,
    got: `a failure:\n${failure ?? ""}`,
    hint: "Fix the cause and run the same command again: it resumes from the last checkpoint.",
  });
}
