import type { Pool } from "../../jobs/executor.js";
import type { Recipe } from "../../recipe/recipe.js";
import { machineLimits } from "./machine-limits.js";

/**
 * Chooses the number of parallel jobs and the threads of each. All trainings of a run use the same number of threads,
 * so that their durations are comparable. The default is one thread per job, which is the most efficient.
 */
export function choosePool({ machine }: Recipe): Pool {
  const cores = machineLimits().threads;
  const threads = machine.threads === "auto" ? 1 : machine.threads;
  const parallel = machine.parallel === "auto" ? Math.max(1, Math.floor(cores / threads)) : machine.parallel;
  return { parallel, execution: { device: machine.device, instructions: machine.instructions, threads } };
}
