import { existsSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import type { Job } from "./job.js";
import { jobFolder, type Store } from "./job-folder.js";
import { readText } from "../files/read-text.js";

export function logPath(store: Store, id: string): string {
  return join(jobFolder(store, id), "log.txt");
}

/** The last 12 lines of a job's log; empty without a log. */
export function logEnd(store: Store, id: string): string {
  const path = logPath(store, id);
  if (!existsSync(path)) return "";
  return readText(path).trimEnd().split("\n").slice(-12).join("\n");
}

/**
 * The failure of a job whose process ended without reporting one: it was killed or it crashed.
 *
 * @param reason  such as `killed by SIGKILL`
 * @param hint    what to try beside running it again
 */
export function unreportedFailure(store: Store, { id, title }: Job, reason: string, hint = ""): string {
  const error = new StrataError("RunError", {
    where: `${title} (${id})`,
    expected: "its process to exit normally",
    got: reason,
    hint: `Run the same command again: it resumes from the last checkpoint.${hint}`,
  });
  const end = logEnd(store, id);
  return `${String(error)}\n${end === "" ? "Its log is empty." : `The end of its log:\n${end}`}`;
}
