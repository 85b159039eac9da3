import { prepareAddon } from "../../../device/cpu/prepare-addon.js";
import { openDevice } from "../../../device/open-device.js";
import { StrataError } from "../../../errors/strata-error.js";
import type { Execution } from "../../../jobs/job.js";
import type { Store } from "../../../jobs/job-folder.js";
import { createSlurmExecutor } from "../../../jobs/slurm/slurm-executor.js";
import { findSlurm, partitionLimit } from "../../../jobs/slurm/slurm-commands.js";
import type { SlurmOptions } from "../../../jobs/slurm/submitter.js";
import type { Recipe } from "../../../recipe/recipe.js";
import type { CreateExecutor, PreparedRun } from "../../../run/execute-runs.js";
import { jobNeeds } from "../../../run/graph/job-needs.js";
import { measureFlops } from "../../../device/measure-flops.js";
import { programFile } from "../../environment/program-file.js";

/** A recipe whose jobs Slurm executes. */
export interface SlurmRunner {
  readonly execution: Execution;
  options(runs: readonly PreparedRun[]): SlurmOptions;
  /** @param onNote  receives what the user should know */
  executor(store: Store, onNote: (line: string) => void): CreateExecutor;
}

export const usesSlurm = ({ machine }: Recipe) => machine.executor !== "local";

/** The recipe with Slurm as its executor, also if it names none. */
export function onSlurm(recipe: Recipe): Recipe {
  return usesSlurm(recipe) ? recipe : { ...recipe, machine: { ...recipe.machine, executor: { slurm: {} } } };
}

/**
 * @param recipe  with Slurm as its executor
 * @param offline  whether Slurm may be missing, because nothing is submitted
 * @throws StrataError if there is no Slurm that answers
 */
export async function slurmRunner(recipe: Recipe, offline = false): Promise<SlurmRunner> {
  const { device, instructions, threads, executor } = recipe.machine;
  const settings = executor === "local" ? {} : executor.slurm;
  const execution: Execution = { device, instructions, threads: settings.cpus ?? (threads === "auto" ? 1 : threads) };
  const found = await findSlurm();
  const slurm = found === null || typeof found === "string" ? null : found;
  if (slurm === null && !offline) throw noSlurm(found as string | null);
  // Compiled once here, not on each node.
  if (device !== "reference") prepareAddon({}, instructions);
  // Nodes may have a GPU that this machine lacks.
  const here = device === "webgpu" ? "auto" : device;
  const flopsPerSecond = await measureFlops(await openDevice(here, execution.threads, recipe.dtype, { instructions }));
  const options = (runs: readonly PreparedRun[]): SlurmOptions => ({
    settings,
    execution,
    name: recipe.name,
    program: {
      node: process.execPath,
      main: programFile,
      cwd: process.cwd(),
    },
    runs: runs.map(({ folder }) => folder),
    needs: jobNeeds(
      runs.map(({ plan }) => plan),
      flopsPerSecond,
    ),
    maxTasks: (slurm?.maxArraySize ?? 1001) - 1,
    maxSeconds: slurm === null ? Infinity : partitionLimit(slurm, settings.partition),
  });
  return {
    execution,
    options,
    executor: (store, onNote) => (runs, onChange) => createSlurmExecutor(store, options(runs), onChange, onNote),
  };
}

function noSlurm(answer: string | null): StrataError {
  return new StrataError("RunError", {
    where: "machine.executor: slurm",
    expected: "a Slurm that answers",
    got: answer ?? "none: there is no scontrol in PATH",
    hint: "Run this on a login node of the cluster (`strata doctor` shows what it finds), or without --slurm.",
  });
}
