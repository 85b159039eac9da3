import { Option, type Command } from "commander";
import { examples } from "../options/examples.js";
import { numberFrom, wholeNumber } from "../options/number-option.js";
import { quietOption } from "../options/output-options.js";
import { recipeArgument, recipeOptions } from "../options/recipe-options.js";

export function registerSearch(program: Command): void {
  const command = program
    .command("search")
    .description("try the values of a recipe's `search:` within a budget and write the best as a recipe; resumes")
    .addArgument(recipeArgument())
    .addOption(
      new Option("--method <name>", "how values are chosen (default: the recipe's)").choices([
        "grid",
        "random",
        "halving",
      ]),
    )
    .option("--candidates <n>", "candidates to try for vanilla, and for the strategies", wholeNumber(1))
    .option("--minutes <n>", "minutes for vanilla, and for the strategies", numberFrom(0));
  recipeOptions(command)
    .addOption(quietOption("print only errors"))
    .addHelpText("after", examples("strata search mine.yaml --method random --minutes 30"))
    .action(async (recipe, options) => (await import("../actions/search-command.js")).searchCommand(recipe, options));
}
