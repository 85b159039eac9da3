import type { Command } from "commander";

/** Hidden: the local executor starts it, not users. */
export function registerWorker(program: Command): void {
  program
    .command("worker", { hidden: true })
    .description("execute the jobs that `strata run` sends to this process")
    .action(async () => (await import("../actions/worker-command.js")).workerCommand());
}
