import { Argument, type Command } from "commander";
import { collect } from "./collect.js";
import { jsonOption } from "./output-options.js";

export const recipeArgument = () =>
  new Argument("<recipe>", "YAML file (see docs/recipe.md), or folder of a run, such as runs/demo");

/** Options of all commands that read a recipe. */
export function recipeOptions(command: Command): Command {
  return runOptions(command).addOption(jsonOption());
}

/** As `recipeOptions`, for commands that print only text. */
export function runOptions(command: Command): Command {
  return command
    .option(
      "--set <key=value>",
      "override a value of the recipe, such as training.learningRate=3e-4 (repeatable)",
      collect,
      [],
    )
    .option("--runs <folder>", "folder of jobs and reports (default: runs, or the parent of a run's folder)");
}
