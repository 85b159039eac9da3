import type { Command } from "commander";
import { deviceOption, parseDevice } from "../../options/device-option.js";
import { examples } from "../../options/examples.js";
import { wholeNumber } from "../../options/number-option.js";
import { quietOption } from "../../options/output-options.js";

export function registerWork(program: Command): void {
  program
    .command("work")
    .description("train parts that `strata pack` wrote; resumes an interrupted training")
    .argument("<file...>", "files such as part-2.strata, or a folder of such files that several machines share")
    .option("--threads <number>", "threads of the training (default: all of this machine)", wholeNumber(1))
    .addOption(deviceOption())
    .option("--keep", "keep the work folder FILE.work with the whole model", false)
    .option("--wait", "of a folder: wait for further files instead of ending", false)
    .option("--scratch <folder>", "folder for the extracted part and its checkpoint (default: FILE.work)")
    .addOption(quietOption("print only the written file and errors"))
    .addHelpText("after", examples("strata work part-2.strata", "strata work /mnt/shared/demo --wait"))
    .action(async (paths, options, command) =>
      (await import("../../actions/carry/work-command.js")).workCommand(paths, {
        ...options,
        device: await parseDevice(command),
      }),
    );
}
