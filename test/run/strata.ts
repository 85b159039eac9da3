import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";

// The compiled program: its jobs are processes of their own.
const program = join(import.meta.dirname, "../../dist/cli/main.js");

export interface Ended {
  /** Null if it was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs the command line to its end; `meanwhile` gets its process.
 *
 * @param environment  beside that of the tests
 * @param cwd  where it runs; by default where the tests do
 */
export function strata(
  args: readonly string[],
  meanwhile: (run: ChildProcess) => void = () => {},
  environment: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], {
      detached: true,
      cwd,
      env: { ...process.env, no_proxy: "127.0.0.1", ...environment },
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (piece) => (out += piece));
    child.stderr.on("data", (piece) => (err += piece));
    child.on("close", (code) => resolve({ code, out, err }));
    meanwhile(child);
  });
}
