import { readFileSync } from "node:fs";

/**
 * A file as UTF-8 text. Not `readFileSync(path, "utf8")`, which ends the process by an assertion of Node if the file
 * cannot be closed (EIO, as network disks report it), without an error that anyone could catch.
 *
 * @throws the error of the system call
 */
export function readText(path: string): string {
  return readFileSync(path).toString("utf8");
}
