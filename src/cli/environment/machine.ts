import type { Pool } from "../../jobs/executor.js";
import type { Recipe } from "../../recipe/recipe.js";
import { machineLimits } from "./machine-limits.js";

/**
 * How many jobs at a time and with how many threads each. All trainings of a run get the same number of threads, so that
 * their durations can be compared; one thread each wastes nothing and needs no communication.
 */
export function choosePool({ machine }: Recipe): Pool {
  const cores = machineLimits().threads;
  const threads = machine.threads === "auto" ? 1 : machine.threads;
  const parallel = machine.parallel === "auto" ? Math.max(1, Math.floor(cores / threads)) : machine.parallel;
  return { parallel, execution: { device: machine.device, threads } };
}
