import type { Command } from "commander";
import { examples } from "../../options/examples.js";
import { recipeArgument, recipeOptions } from "../../options/recipe-options.js";

export function registerCancel(program: Command): void {
  const command = program
    .command("cancel")
    .description("stop a run, on this machine or in Slurm; `strata run` resumes it")
    .addArgument(recipeArgument());
  recipeOptions(command)
    .addHelpText("after", examples("strata cancel runs/demo"))
    .action(async (recipe, options) => {
      const { cancelCommand } = await import("../../actions/run/cancel-command.js");
      await cancelCommand(recipe, options);
    });
}
