import type { Command } from "commander";
import { examples } from "../../options/examples.js";
import { recipeArgument, recipeOptions } from "../../options/recipe-options.js";

export function registerStatus(program: Command): void {
  const command = program
    .command("status")
    .description("show the jobs of a run: done, running, queued, failed")
    .addArgument(recipeArgument());
  recipeOptions(command)
    .addHelpText("after", examples("strata status runs/demo"))
    .action(async (recipe, options) => {
      const { statusCommand } = await import("../../actions/run/status-command.js");
      await statusCommand(recipe, options);
    });
}
