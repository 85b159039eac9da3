import { StrataError } from "../../errors/strata-error.js";
import { fileError } from "../../files/atomic-file.js";
import { exitCodes } from "../exit-codes.js";

/** The text of an error for stderr, and the exit code. Errors of the program itself are shown with their stack. */
export function describeError(error: unknown): { readonly text: string; readonly exitCode: 1 | 2 } {
  if (isSystemError(error)) {
    return describeError(fileError(error.dest ?? error.path ?? "an open file", attempt(error.syscall), error));
  }
  if (error instanceof StrataError) {
    const exitCode = error.kind === "RecipeError" ? exitCodes.usage : exitCodes.failed;
    return { text: `${error.name}: ${error.message}`, exitCode };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text, exitCode: exitCodes.failed };
}

/** Codes that only a disk gives, so that an error with one is about a file even if it names none. */
const diskCodes: readonly unknown[] = ["EIO", "ENOSPC", "EDQUOT", "ESTALE"];

/**
 * An error of the operating system that no caller has wrapped, such as a folder that cannot be created. It names no
 * path if the call was on an open file, as when a sector cannot be read.
 */
function isSystemError(
  error: unknown,
): error is Error & { readonly syscall: string; readonly path?: string; readonly dest?: string } {
  if (!(error instanceof Error) || !("syscall" in error)) return false;
  return "path" in error || ("code" in error && diskCodes.includes(error.code));
}

/** What a system call tried to do: `create the folder`. */
function attempt(syscall: string): string {
  const attempts: Readonly<Record<string, string>> = {
    close: "close the file",
    copyfile: "copy the file",
    fsync: "flush the file",
    ftruncate: "resize the file",
    mkdir: "create the folder",
    open: "open the file",
    read: "read the file",
    rename: "rename the file",
    rm: "remove the file",
    scandir: "read the folder",
    symlink: "create the symbolic link",
    unlink: "remove the file",
    write: "write the file",
  };
  return Object.hasOwn(attempts, syscall) ? attempts[syscall] : `call ${syscall}`;
}
