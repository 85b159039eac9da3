import { resolveDevice } from "../../device/open-device.js";
import type { Pool } from "../../jobs/executor.js";
import type { Recipe } from "../../recipe/recipe.js";
import { machineLimits } from "./machine-limits.js";

/**
 * Chooses the device, the number of parallel jobs and the threads of each. All trainings of a run use the same number
 * of threads, so that their durations are comparable. The default is one thread per job, which is the most efficient;
 * on a GPU, which jobs would share, it is one job.
 */
export async function choosePool({ machine, dtype }: Recipe): Promise<Pool> {
  const { instructions } = machine;
  const device = machine.device === "auto" ? await resolveDevice(dtype, instructions) : machine.device;
  const cores = machineLimits().threads;
  const threads = machine.threads === "auto" ? 1 : machine.threads;
  const most = device === "webgpu" ? 1 : Math.max(1, Math.floor(cores / threads));
  const parallel = machine.parallel === "auto" ? most : machine.parallel;
  return { parallel, execution: { device, instructions, threads } };
}
