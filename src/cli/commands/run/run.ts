import type { Command } from "commander";
import { examples } from "../../options/examples.js";
import { quietOption } from "../../options/output-options.js";
import { recipeArgument, recipeOptions } from "../../options/recipe-options.js";

export function registerRun(program: Command): void {
  const command = program
    .command("run")
    .description("train, merge, evaluate and report; resumes an interrupted run")
    .addArgument(recipeArgument());
  recipeOptions(command)
    .addOption(quietOption("print only errors"))
    .option("--slurm", "let the cluster of this machine execute the jobs (machine.executor: slurm)", false)
    .option("--detach", "submit everything to Slurm, the report included, and leave", false)
    .option("--dashboard", "serve the run to a browser while it goes on, and open it where there is a desktop", false)
    .addHelpText(
      "after",
      examples(
        "strata run recipes/demo.yaml",
        "strata run recipes/demo.yaml --set seed=2",
        "strata run recipes/demo.yaml --slurm --detach",
      ),
    )
    .action(async (recipe, options) => (await import("../../actions/run/run-command.js")).runCommand(recipe, options));
}
