import { writeStepEnd, type StepName } from "../../../run/run-steps.js";
import { slurmJob } from "../../environment/slurm-task.js";
import { describeError } from "../../view/describe-error.js";
import { checkCommand } from "./check-command.js";
import { reportCommand } from "./report-command.js";

const steps: Readonly<Record<StepName, (folder: string) => Promise<void>>> = {
  check: checkCommand,
  report: (folder) => reportCommand(folder, { set: [], verify: true, json: false, quiet: false }),
};

/** Executes a step of a detached run and records how it ended, for `strata status`. @param folder  of the run */
export async function stepCommand(name: StepName, folder: string): Promise<void> {
  const job = slurmJob(process.env);
  const record = (failure: string | null) => (job === null ? null : writeStepEnd(folder, name, { job, failure }));
  try {
    await steps[name](folder);
  } catch (error) {
    record(describeError(error).text);
    throw error;
  }
  record(null);
}
