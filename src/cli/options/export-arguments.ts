import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";

/** Arguments of an export command: `RECIPE STRATEGY OUT` or `MODEL OUT`. */
export interface ExportArguments {
  /** A recipe, the folder of a run, or a Hugging Face folder. */
  readonly source: string;
  /** Null for a Hugging Face folder. */
  readonly strategy: string | null;
  readonly out: string;
}

/** Ends the command with a usage error if there are too many arguments, or a strategy is missing or not allowed. */
export function exportArguments(command: Command): ExportArguments {
  const { args } = command;
  const [source, ...rest] = args;
  if (args.length > 3)
    command.error(`error: too many arguments for '${command.name()}'. Expected 2 or 3 but got ${args.length}.`);
  const isModel = existsSync(join(source, "config.json"));
  const isRun = /\.ya?ml$/.test(source) || existsSync(join(source, "recipe.yaml"));
  if (rest.length === 1) {
    if (isRun && !isModel)
      command.error(`error: missing argument 'strategy': ${source} is a run; name one of its strategies, or base`);
    return { source, strategy: null, out: rest[0] };
  }
  if (isModel && !isRun)
    command.error(`error: too many arguments for '${command.name()}': ${source} is a model, which has no strategies`);
  return { source, strategy: rest[0], out: rest[1] };
}
