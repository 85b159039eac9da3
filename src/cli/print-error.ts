import { StrataError } from "../tensor/errors.js";

/** Prints an error for a person and returns the exit code that fits it. */
export function printError(error: unknown): number {
  if (error instanceof StrataError) {
    process.stderr.write(`${error.name}: ${error.message}\n`);
    return error.kind === "RecipeError" ? 2 : 1;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
