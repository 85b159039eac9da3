import { availableParallelism } from "node:os";
import { readMergeConfig } from "../../../merge/config/read-config.js";
import { parseShardSize } from "../../../merge/config/shard-size.js";
import { MersenneTwister } from "../../../merge/core/mersenne-twister.js";
import { openMergeKernels } from "../../../merge/core/kernels/open-kernels.js";
import { checkRoom } from "../../../merge/execute/check-room.js";
import { executeMerge } from "../../../merge/execute/execute-merge.js";
import { createFileReader } from "../../../merge/inputs/file-reader.js";
import { resolveFolders } from "../../../merge/inputs/resolve-folders.js";
import { mergeError } from "../../../merge/merge-error.js";
import { methodTable } from "../../../merge/methods/table.js";
import { planMerge, referencedPaths } from "../../../merge/plan/plan-merge.js";
import { hubSettings } from "../../environment/hub-settings.js";
import { interruption } from "../../environment/interruption.js";
import { exitCodes } from "../../exit-codes.js";
import { mergeFacts, mergePlanFacts, mergePlanText, mergeText } from "../../view/merge-text.js";
import { showMergeProgress } from "../../view/merge-progress.js";

export interface MergeCommandOptions {
  readonly outShardSize: string;
  readonly randomSeed: number;
  readonly mergekitCompat: boolean;
  readonly dryRun: boolean;
  readonly copyTokenizer: boolean;
  readonly writeModelCard: boolean;
  readonly allowCrimes: boolean;
  readonly threads?: number;
  /** mergekit's name of `threads`. */
  readonly numThreads?: string;
  readonly trustRemoteCode?: boolean;
  readonly safeSerialization?: boolean;
  readonly loraMergeDtype?: string;
  readonly cuda?: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Merges models as a configuration of mergekit says. */
export async function mergeCommand(file: string, out: string, options: MergeCommandOptions): Promise<void> {
  refuseFlags(options);
  const { quiet, json } = options;
  const shardBytes = parseShardSize(options.outShardSize);
  const config = readMergeConfig(file, methodTable);
  const signal = interruption();
  const folderOf = await resolveFolders(referencedPaths(config), { settings: hubSettings(process.env, true), signal });
  const { kernels, transfers, reason } = openMergeKernels(threadsOf(options));
  const files = createFileReader(transfers);
  const view = quiet || json || options.dryRun ? null : showMergeProgress(process.stderr);
  try {
    const plan = planMerge(config, {
      folderOf,
      files,
      shardBytes,
      seed: options.randomSeed,
      isCompatible: options.mergekitCompat,
      allowsMixedArchitectures: options.allowCrimes,
      copiesTokenizer: options.copyTokenizer,
      writesModelCard: options.writeModelCard,
    });
    checkRoom(plan, out);
    if (options.dryRun) {
      process.stdout.write(json ? `${JSON.stringify(mergePlanFacts(plan, out))}\n` : mergePlanText(plan, out));
      return;
    }
    const random = new MersenneTwister(options.randomSeed, kernels.fillWords);
    const summary = await executeMerge(plan, out, { kernels, transfers, random, signal, onProgress: view?.show });
    view?.stop();
    const notes = [...flagNotes(options), ...(reason === null ? [] : [reason]), ...summary.notes];
    if (json) process.stdout.write(`${JSON.stringify(mergeFacts(plan, out, { ...summary, notes }))}\n`);
    else if (!quiet) process.stdout.write(mergeText(plan, out, { ...summary, notes }));
  } catch (error) {
    view?.stop();
    if (!signal.aborted) throw error;
    process.stderr.write("Interrupted. Run the same command again to resume after the last complete tensor.\n");
    process.exitCode = exitCodes.interrupted;
  } finally {
    files.close();
  }
}

function threadsOf({ threads, numThreads }: MergeCommandOptions): number {
  const given = threads ?? (numThreads === undefined ? NaN : Number(numThreads));
  return Number.isSafeInteger(given) && given > 0 ? given : availableParallelism();
}

function refuseFlags({ trustRemoteCode, safeSerialization, loraMergeDtype }: MergeCommandOptions): void {
  if (trustRemoteCode === true) {
    const hint = "Merging needs names, shapes and values of tensors only: remove the flag.";
    throw mergeError(
      "--trust-remote-code",
      "no code from models",
      "this flag",
      `Strata never runs a model's code. ${hint}`,
    );
  }
  if (safeSerialization === false) {
    throw mergeError(
      "--no-safe-serialization",
      "safetensors files as output",
      "this flag",
      "Strata writes safetensors only: remove the flag.",
    );
  }
  if (loraMergeDtype !== undefined) {
    const hint = "Strata adds an adapter in float32 and rounds once to the dtype of the model: remove the flag.";
    throw mergeError("--lora-merge-dtype", "adapters added in float32", "this flag", hint);
  }
}

function flagNotes({ cuda }: MergeCommandOptions): readonly string[] {
  return cuda === true
    ? ["--cuda has no effect: Strata merges on the CPU, in which reading and writing files takes most of the time"]
    : [];
}
