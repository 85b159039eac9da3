import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";

/** What an export command is about, from `RECIPE STRATEGY OUT` or `MODEL OUT`. */
export interface ExportArguments {
  /** A recipe, the folder of a run, or the folder of a model. */
  readonly source: string;
  /** Null for the folder of a model. */
  readonly strategy: string | null;
  readonly out: string;
}

/** Ends the command with what is wrong if there are too many arguments, or a strategy is missing or too much. */
export function exportArguments(command: Command): ExportArguments {
  const { args } = command;
  const [source, ...rest] = args;
  if (args.length > 3)
    command.error(`error: too many arguments for '${command.name()}'. Expected 2 or 3 but got ${args.length}.`);
  const isModel = existsSync(join(source, "config.json"));
  const isRun = /\.ya?ml$/.test(source) || existsSync(join(source, "recipe.yaml"));
  if (rest.length === 1) {
    if (isRun && !isModel)
      command.error(`error: missing argument 'strategy': ${source} is a run, so name a strategy of it, or base`);
    return { source, strategy: null, out: rest[0] };
  }
  if (isModel && !isRun)
    command.error(`error: too many arguments for '${command.name()}': ${source} is a model, which has no strategies`);
  return { source, strategy: rest[0], out: rest[1] };
}
