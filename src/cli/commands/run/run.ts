import type { Command } from "commander";
import { examples } from "../../options/examples.js";
import { quietOption } from "../../options/output-options.js";
import { recipeAndValue, addRecipeArgument, recipeOptions } from "../../options/recipe-options.js";

export function registerRun(program: Command): void {
  const command = program.command("run").description("train, merge, evaluate and report; resumes an interrupted run");
  recipeOptions(addRecipeArgument(command))
    .addOption(quietOption("print only errors"))
    .option("--slurm", "let the cluster of this machine execute the jobs (machine.executor: slurm)", false)
    .option("--detach", "submit everything to Slurm, the report included, and leave", false)
    .option("--dashboard", "serve the run to a browser until it ends, and open the page on a desktop", false)
    .option("--tensorboard [folder]", "keep event files of TensorBoard up to date (default: in the run's folder)")
    .addHelpText(
      "after",
      examples(
        "strata run recipes/demo.yaml",
        "strata run recipes/demo.yaml --set seed=2",
        "strata run recipes/demo.yaml --slurm --detach",
        "strata run recipes/demo.yaml --tensorboard",
      ),
    )
    .action(async (given, options) => {
      const [recipe, tensorboard] = recipeAndValue(command, given, options.tensorboard);
      if (options.detach && tensorboard !== undefined)
        command.error(
          "error: option '--tensorboard' cannot be used with '--detach', which leaves no process to watch the run: " +
            "use `strata export tensorboard` at any time",
        );
      await (await import("../../actions/run/run-command.js")).runCommand(recipe, { ...options, tensorboard });
    });
}
