import { Argument, type Command } from "commander";
import { collect } from "./collect.js";
import { jsonOption } from "./output-options.js";

const recipeDescription = "YAML file (see docs/recipe.md), or folder of a run, such as runs/demo";

export const recipeArgument = () => new Argument("<recipe>", recipeDescription);

/** For a command with an option that may have a value; its action asks `recipeAndValue`. */
export function addRecipeArgument(command: Command): Command {
  return command.usage("[options] <recipe>").addArgument(new Argument("[recipe]", recipeDescription));
}

/**
 * The recipe, and the value of an option that may have one: in `report --pdf runs/demo` it takes the recipe.
 *
 * @throws CommanderError if there is no recipe
 */
export function recipeAndValue(
  command: Command,
  recipe: string | undefined,
  value: string | true | undefined,
): [string, string | true | undefined] {
  if (recipe !== undefined) return [recipe, value];
  if (typeof value === "string") return [value, true];
  return command.error("error: missing required argument 'recipe'");
}

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
