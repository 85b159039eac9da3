import { Option, type Command } from "commander";
import { examples } from "../../options/examples.js";
import { wholeNumber } from "../../options/number-option.js";
import { quietOption } from "../../options/output-options.js";
import { recipeArgument, recipeOptions } from "../../options/recipe-options.js";

export function registerPack(program: Command): void {
  const command = program
    .command("pack")
    .description("write a part of a run as one file, to train it on another machine by `strata work`")
    .addArgument(recipeArgument());
  recipeOptions(command)
    .option("--part <number>", "part of the round, from 1", wholeNumber(1))
    .option("--strategy <name>", "strategy of the part (default: the only one that has it)")
    .option("--round <number>", "round of the part, from 1 (default: 1; with --to the next one)", wholeNumber(1))
    .option("-o, --out <file>", "file to write (default: part-NUMBER.strata)")
    .option("--to <folder>", "write all parts of the round that are not done, of all strategies, to a folder")
    .addOption(
      new Option("--weights <source>", "weights of a model of the hub: in the file, or downloaded by the worker")
        .choices(["carry", "hub"])
        .default("carry"),
    )
    .addOption(quietOption("print only errors"))
    .addHelpText(
      "after",
      examples(
        "strata pack recipes/demo.yaml --strategy slerp-1 --part 2",
        "strata pack recipes/demo.yaml --to /mnt/shared/demo",
      ),
    )
    .action(async (recipe, options, self) => {
      if ((options.part === undefined) === (options.to === undefined)) self.error("error: give --part or --to");
      if (options.part !== undefined || options.out === undefined)
        await (await import("../../actions/carry/pack-command.js")).packCommand(recipe, options);
      else self.error("error: --out names one file; --to writes several");
    });
}
