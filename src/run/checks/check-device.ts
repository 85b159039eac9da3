import { requireDevice } from "../../device/open-device.js";
import type { Execution, Job } from "../../jobs/job.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import type { JobKindName } from "../kinds/job-kinds.js";

/** Kinds of jobs that open the device. */
const computing: ReadonlySet<string> = new Set<JobKindName>(["train", "evaluate", "line-search"]);

/**
 * Refuses jobs that would fail at once, after hours of preparing data.
 *
 * @param device  on which they would compute here
 * @throws StrataError with the reason if one is not finished and the device is not available
 */
export async function checkDevice(jobs: readonly Job[], store: Store, device: Execution["device"]): Promise<void> {
  if (jobs.some(({ id, kind }) => computing.has(kind) && readDone(store, id) === null)) await requireDevice(device);
}
