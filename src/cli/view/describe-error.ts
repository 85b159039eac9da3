import { fileError } from "../../files/atomic-file.js";
import { StrataError } from "../../errors/strata-error.js";

/** What a person reads of an error, and the exit code that fits it. A stack is shown where the program itself is wrong. */
export function describeError(error: unknown): { readonly text: string; readonly exitCode: 1 | 2 } {
  if (isSystemError(error))
    return describeError(fileError(error.dest ?? error.path, `do ${error.syscall} there`, error));
  if (error instanceof StrataError) {
    return { text: `${error.name}: ${error.message}`, exitCode: error.kind === "RecipeError" ? 2 : 1 };
  }
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 };
}

/** A refusal of the operating system that no room has put in words, such as of a folder that cannot be made. */
function isSystemError(
  error: unknown,
): error is Error & { readonly syscall: string; readonly path: string; readonly dest?: string } {
  return error instanceof Error && "syscall" in error && "path" in error;
}
