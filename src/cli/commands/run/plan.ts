import type { Command } from "commander";
import { examples } from "../../options/examples.js";
import { recipeArgument, recipeOptions } from "../../options/recipe-options.js";

export function registerPlan(program: Command): void {
  const command = program
    .command("plan")
    .description("show jobs, windows, parameters, cost, memory and expected time without training")
    .addArgument(recipeArgument());
  recipeOptions(command)
    .option("--slurm", "print the scripts that `strata run --slurm` submits", false)
    .addHelpText("after", examples("strata plan recipes/demo.yaml", "strata plan recipes/demo.yaml --slurm"))
    .action(async (recipe, options) =>
      (await import("../../actions/run/plan-command.js")).planCommand(recipe, options),
    );
}
