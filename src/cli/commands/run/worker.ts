import type { Command } from "commander";

/** Hidden: executors start it, not users. */
export function registerWorker(program: Command): void {
  program
    .command("worker", { hidden: true })
    .description("execute the jobs that `strata run` sends to this process")
    .option("--tasks <file>", "execute one task of an array of Slurm")
    .option("--check <run>", "check that the data of a run that are ready are enough")
    .action(async ({ tasks, check }) => {
      if (tasks !== undefined) await (await import("../../actions/run/slurm-task-command.js")).slurmTaskCommand(tasks);
      else if (check !== undefined) await (await import("../../actions/run/check-command.js")).checkCommand(check);
      else await (await import("../../actions/run/worker-command.js")).workerCommand();
    });
}
