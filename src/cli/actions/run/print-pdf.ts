import { spawn } from "node:child_process";
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createFolder } from "../../../files/create-folder.js";
import { StrataError } from "../../../errors/strata-error.js";
import { fileError, syncFolder } from "../../../files/atomic-file.js";
import { partialPath, removeAbandonedPartials } from "../../../files/partial-files.js";

export interface PrintOptions {
  /** The program. */
  readonly chromium: string;
  readonly signal: AbortSignal;
  /** After which it is killed. */
  readonly timeoutSeconds?: number;
}

/**
 * Prints a page of this machine into a PDF file, which is replaced when the new one is complete.
 *
 * @throws StrataError if Chromium fails or does not end, an AbortError if the signal aborts it
 */
export async function printPdf(page: string, file: string, options: PrintOptions): Promise<void> {
  createFolder(dirname(resolve(file)));
  removeAbandonedPartials(file);
  // Beside the file: a Chromium from a snap package cannot write to the temporary folder of other programs.
  const partial = resolve(partialPath(file));
  const profile = mkdtempSync(join(tmpdir(), "strata-pdf-"));
  try {
    const end = await execute(chromiumArguments(page, partial, profile), options);
    const failure = end.failure ?? (isWholePdf(partial) ? null : "a file that is no PDF");
    if (failure !== null) throw printError(page, failure, end.errors, options.chromium);
    keep(partial, file);
  } finally {
    rmSync(partial, { force: true });
    // Processes of Chromium may still be writing to it.
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

function chromiumArguments(page: string, pdf: string, profile: string): string[] {
  // Chromium refuses to start its sandbox for root. The page has no scripts and reads no other file.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return [
    "--headless",
    ...sandbox,
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    `--user-data-dir=${profile}`,
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
    `--print-to-pdf=${pdf}`,
    pathToFileURL(resolve(page)).href,
  ];
}

interface End {
  /** Null if the program succeeded. */
  readonly failure: string | null;
  /** The end of what it wrote to stderr. */
  readonly errors: string;
}

function execute(args: readonly string[], { chromium, signal, timeoutSeconds = 120 }: PrintOptions): Promise<End> {
  return new Promise((resolve_, reject) => {
    const child = spawn(chromium, args, { stdio: ["ignore", "ignore", "pipe"], signal, killSignal: "SIGKILL" });
    let errors = "";
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, timeoutSeconds * 1000);
    const finish = (failure: string | null) => {
      clearTimeout(timer);
      // A process that it has left behind may keep the pipe open.
      child.stderr.destroy();
      resolve_({ failure, errors });
    };
    child.stderr.on("data", (bytes: Buffer) => (errors = `${errors}${bytes.toString()}`.slice(-4000)));
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (!signal.aborted) return finish(error.code ?? error.message);
      clearTimeout(timer);
      reject(error);
    });
    child.on("exit", (code, killed) => {
      if (signal.aborted) return;
      if (isLate) return finish(`no end after ${timeoutSeconds} s`);
      finish(code === 0 ? null : code === null ? `an end by ${killed}` : `exit code ${code}`);
    });
  });
}

function isWholePdf(path: string): boolean {
  try {
    const bytes = readFileSync(path);
    return bytes.subarray(0, 5).toString("latin1") === "%PDF-" && bytes.subarray(-1024).includes("%%EOF");
  } catch {
    return false;
  }
}

function keep(partial: string, file: string): void {
  try {
    const descriptor = openSync(partial, "r+");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, file);
    syncFolder(dirname(resolve(file)));
  } catch (error) {
    throw fileError(file, "finish the file", error);
  }
}

function printError(page: string, failure: string, errors: string, chromium: string): StrataError {
  const last = errors.trimEnd().split("\n").at(-1)?.trim() ?? "";
  const hint = /sandbox/i.test(errors)
    ? "Its sandbox cannot start here. Set STRATA_CHROMIUM to a script that starts it with --no-sandbox and the given " +
      "arguments, or print report.html in any browser."
    : "STRATA_CHROMIUM may name another Chromium or Chrome. Any browser can also print report.html.";
  return new StrataError("ReportError", {
    where: page,
    expected: `a PDF by ${chromium}`,
    got: `${failure}${last === "" ? "" : ` (${last})`}`,
    hint,
  });
}
