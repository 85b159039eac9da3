import type { Command } from "commander";
import { examples } from "../../options/examples.js";
import { recipeArgument, runOptions } from "../../options/recipe-options.js";

export function registerLogs(program: Command): void {
  const command = program
    .command("logs")
    .description("print the log of a job of a run")
    .addArgument(recipeArgument())
    .argument("<job>", "id of a job or its beginning, or a part of its title");
  runOptions(command)
    .option("-f, --follow", "print new lines until the job is done", false)
    .addHelpText("after", examples('strata logs runs/demo "train layers 0-1 on shard 2"'))
    .action(async (recipe, job, options) =>
      (await import("../../actions/run/logs-command.js")).logsCommand(recipe, job, options),
    );
}
