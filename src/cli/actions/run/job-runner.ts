import { prepareAddon } from "../../../device/cpu/prepare-addon.js";
import type { HubAccess } from "../../../hub/settings.js";
import type { Pool } from "../../../jobs/executor.js";
import type { Store } from "../../../jobs/job-folder.js";
import type { Recipe } from "../../../recipe/recipe.js";
import type { RunOptions } from "../../../run/execute-runs.js";
import { hubSettings } from "../../environment/hub-settings.js";
import { interruption } from "../../environment/interruption.js";
import { machineLimits } from "../../environment/machine-limits.js";
import { choosePool } from "../../environment/machine.js";
import { programFile } from "../../environment/program-file.js";

/** The pool of a recipe's jobs, with the kernels compiled once here instead of in each worker. */
export async function preparePool(recipe: Recipe): Promise<Pool> {
  const pool = await choosePool(recipe);
  if (pool.execution.device !== "reference") prepareAddon({}, pool.execution.instructions);
  return pool;
}

/** The part of a progress display that a command which runs jobs needs. */
interface JobView {
  print(line: string): void;
  readonly hubEvents: Omit<HubAccess, "settings" | "signal">;
}

/** How this process runs jobs, or watches those of a cluster; Ctrl-C is reported to the view. */
export function jobRunner(store: Store, pool: Pool, view: JobView | null, onCluster = false): RunOptions {
  const signal = interruption(() => {
    if (!onCluster) view?.print("Stopping: running jobs write a checkpoint. Press Ctrl-C again to exit at once.");
  });
  const { memoryBytes, memoryLimitBytes } = machineLimits();
  return {
    store,
    pool,
    program: programFile,
    signal,
    ...(onCluster ? {} : { memoryBytes: memoryLimitBytes ?? memoryBytes }),
    hub: { settings: hubSettings(process.env), signal, ...view?.hubEvents },
  };
}
