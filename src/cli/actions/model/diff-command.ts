import { availableParallelism } from "node:os";
import { openMergeKernels } from "../../../merge/core/kernels/open-kernels.js";
import { compareCheckpoints } from "../../../merge/diff/compare-checkpoints.js";
import { isWeightFile, openCheckpoint } from "../../../merge/diff/checkpoint.js";
import { createFileReader } from "../../../merge/inputs/file-reader.js";
import { resolveFolders } from "../../../merge/inputs/resolve-folders.js";
import { hubSettings } from "../../environment/hub-settings.js";
import { interruption } from "../../environment/interruption.js";
import { exitCodes } from "../../exit-codes.js";
import { differenceText } from "../../view/difference-text.js";
import { showMergeProgress } from "../../view/merge-progress.js";
import { notesText } from "../../view/notes-text.js";

export interface DiffCommandOptions {
  readonly tensors: boolean;
  readonly threads?: number;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Shorter comparisons show no progress. */
const progressAfter = 2000;

/** Compares two checkpoints and prints what differs. */
export async function diffCommand(a: string, b: string, options: DiffCommandOptions): Promise<void> {
  const { quiet, json } = options;
  const signal = interruption();
  const folders = [a, b].filter((path) => !isWeightFile(path)).map((path) => ({ path, revision: null }));
  const folderOf = await resolveFolders(folders, { settings: hubSettings(process.env, true), signal });
  const { kernels, transfers, reason } = openMergeKernels(options.threads ?? availableParallelism());
  const files = createFileReader(transfers);
  const view = quiet || json ? null : showMergeProgress(process.stderr);
  const started = performance.now();
  try {
    const [left, right] = [a, b].map((path) => openCheckpoint(path, folderOf, files));
    if (reason !== null && !quiet) process.stderr.write(notesText([reason]));
    const difference = await compareCheckpoints(left, right, {
      kernels,
      signal,
      onProgress: (progress) => (performance.now() - started > progressAfter ? view?.show(progress) : undefined),
    });
    files.verify();
    view?.stop();
    process.stdout.write(json ? `${JSON.stringify(difference)}\n` : differenceText(difference, options.tensors));
  } catch (error) {
    view?.stop();
    if (!signal.aborted) throw error;
    process.stderr.write("Interrupted.\n");
    process.exitCode = exitCodes.interrupted;
  } finally {
    files.close();
  }
}
