import type { Command } from "commander";
import { wholeNumber } from "../options/number-option.js";

/** Hidden: for the queue of a cluster, not for users. */
export function registerJob(program: Command): void {
  program
    .command("job", { hidden: true })
    .description("execute one job in this process")
    .argument("<folder>", "folder of the job")
    .requiredOption("--threads <n>", "number of threads", wholeNumber(1))
    .requiredOption("--device <name>", "device that computes")
    .action(async (folder, options) => (await import("../actions/job-command.js")).jobCommand(folder, options));
}
