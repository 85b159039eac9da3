import type { Command } from "commander";
import { examples } from "../../options/examples.js";
import { quietOption } from "../../options/output-options.js";
import { recipeArgument, recipeOptions } from "../../options/recipe-options.js";

export function registerCollect(program: Command): void {
  const command = program
    .command("collect")
    .description("check parts that `strata work` trained, say which are missing, and continue the run")
    .addArgument(recipeArgument())
    .argument("[files...]", "files such as part-2.done.strata, or folders of such files");
  recipeOptions(command)
    .option("--watch", "of a folder: collect, continue and pack the next rounds until the run is finished", false)
    .addOption(quietOption("print only errors"))
    .addHelpText(
      "after",
      examples(
        "strata collect recipes/demo.yaml part-*.done.strata",
        "strata collect recipes/demo.yaml /mnt/shared/demo --watch",
      ),
    )
    .action(async (recipe, files, options, self) => {
      if (options.watch && files.length !== 1) self.error("error: --watch needs one folder");
      await (await import("../../actions/carry/collect-command.js")).collectCommand(recipe, files, options);
    });
}
