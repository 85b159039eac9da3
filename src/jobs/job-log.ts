import { existsSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import type { Job } from "./job.js";
import { jobFolder, type Store } from "./job-folder.js";
import { readText } from "../files/read-text.js";

export function logPath(store: Store, id: string): string {
  return join(jobFolder(store, id), "log.txt");
}

/**
 * The last 12 lines of a job's log.
 *
 * @param output  file with what its process printed: used if the log is empty
 */
export function logEnd(store: Store, id: string, output: string | null = null): string {
  const end = fileEnd(logPath(store, id));
  return end === "" && output !== null ? outputEnd(output) : end;
}

/** Empty without the file. */
function fileEnd(path: string): string {
  if (!existsSync(path)) return "";
  return readText(path).trimEnd().split("\n").slice(-12).join("\n");
}

/** How a process ended that did not report a failure. */
export interface UnreportedEnd {
  /** Such as `killed by SIGKILL`. */
  readonly reason: string;
  /** What to try beside running it again. */
  readonly hint?: string;
  /** File with what the process printed, if that is not its log: the one to quote if the log is empty. */
  readonly output?: string | null;
}

/** The failure of a job whose process ended without reporting one: it was killed or it crashed. */
export function unreportedFailure(store: Store, { id, title }: Pick<Job, "id" | "title">, end: UnreportedEnd): string {
  const { reason, hint = "", output = null } = end;
  const error = endError(
    `${title} (${id})`,
    reason,
    `Run the same command again: it resumes from the last checkpoint.${hint}`,
  );
  const log = logEnd(store, id);
  if (log !== "") return `${String(error)}\nThe end of its log:\n${log}`;
  return `${String(error)}\n${output === null ? "Its log is empty." : outputEnd(output)}`;
}

/** The failure of a process without a log. @param name  of what it did */
export function unreportedStepFailure(name: string, reason: string, output: string): string {
  return `${String(endError(name, reason, "Mend the cause and run the same command again."))}\n${outputEnd(output)}`;
}

function endError(where: string, got: string, hint: string): StrataError {
  return new StrataError("RunError", { where, expected: "its process to exit normally", got, hint });
}

function outputEnd(path: string): string {
  const end = fileEnd(path);
  return end === "" ? `It printed nothing to ${path}.` : `The end of its output, ${path}:\n${end}`;
}
