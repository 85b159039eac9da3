import type { Command } from "commander";

/** Hidden: executors start it, not users. */
export function registerWorker(program: Command): void {
  program
    .command("worker", { hidden: true })
    .description("execute the jobs that `strata run` sends to this process")
    .option("--tasks <file>", "execute one task of an array of Slurm")
    .option("--check <run>", "check that the data of a run that are ready are enough")
    .option("--report <run>", "write the report of a run whose jobs are done")
    .action(async ({ tasks, check, report }) => {
      const step = async () => (await import("../../actions/run/step-command.js")).stepCommand;
      if (tasks !== undefined) await (await import("../../actions/run/slurm-task-command.js")).slurmTaskCommand(tasks);
      else if (check !== undefined) await (await step())("check", check);
      else if (report !== undefined) await (await step())("report", report);
      else await (await import("../../actions/run/worker-command.js")).workerCommand();
    });
}
