import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const program = join(import.meta.dirname, "../../dist/cli/main.js");

/** Why `inTerminal` cannot work here; null if it can. */
export const noTerminal =
  spawnSync("script", ["-qec", "true", "/dev/null"], { input: "" }).status === 0
    ? null
    : "needs the command script of util-linux";

export interface Terminal {
  /** Waits until the output after the last match has one. @returns the text that matches */
  seen(expected: RegExp): Promise<string>;
  type(text: string): void;
  /** Sends a signal to the program alone, not to its workers. */
  signal(name: NodeJS.Signals): void;
  /** Changes the columns of the terminal. */
  resize(columns: number): void;
}

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the command line in a pseudo-terminal of 100 columns and 12 rows. */
export function inTerminal(
  args: readonly string[],
  meanwhile: (terminal: Terminal) => Promise<unknown> = async () => {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const words = [process.execPath, program, ...args].map((word) => `'${word}'`).join(" ");
  const inner = `echo pid \\$\\$ on $(tty) end; exec ${words}`;
  const command = `stty cols 100 rows 12; sh -c "${inner}"; exit $?`;
  // Node takes a terminal of a CI for one without colors.
  const { CI: _, ...own } = process.env;
  const env = { ...own, SHELL: "/bin/sh", TERM: "xterm-256color", LC_ALL: "C.UTF-8", NO_COLOR: "" };
  return new Promise((resolve, reject) => {
    const child = spawn("script", ["-qec", command, "/dev/null"], { env: { ...env, ...environment }, detached: true });
    let [output, looked] = ["", 0];
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (output += piece));
    child.on("close", (code) => resolve({ code, output }));
    const facts = () => /pid (\d+) on (\S+) end/.exec(output) ?? [];
    const terminal: Terminal = {
      async seen(expected) {
        for (;;) {
          const found = expected.exec(output.slice(looked));
          if (found !== null) {
            looked += found.index + found[0].length;
            return found[0];
          }
          if (child.exitCode !== null) throw new Error(`ended without ${expected}:\n${output}`);
          await new Promise((later) => setTimeout(later, 20));
        }
      },
      type: (text) => void child.stdin.write(text),
      signal: (name) => void process.kill(Number(facts()[1]), name),
      resize: (columns) => void spawnSync("sh", ["-c", `stty cols ${columns} < ${facts()[2]}`]),
    };
    meanwhile(terminal).catch(reject);
  });
}

/** The output without what `inTerminal` itself prints. */
export function ownOutput({ output }: Ended): string {
  return output.replace(/^pid .* end\r\n/, "");
}
