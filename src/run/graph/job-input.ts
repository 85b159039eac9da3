import type { Job, JobInput } from "../../jobs/job.js";

/** A job's output as the input of another job: its folder, or a path in it. */
export const asInput = (job: Job, path = "."): JobInput => ({ job: job.id, path });
