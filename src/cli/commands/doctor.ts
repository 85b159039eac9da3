import type { Command } from "commander";
import { jsonOption } from "../options/output-options.js";

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("show devices, instruction sets, threads, memory and the Slurm of this machine")
    .addOption(jsonOption())
    .action(async (options) => (await import("../actions/doctor-command.js")).doctorCommand(options));
}
