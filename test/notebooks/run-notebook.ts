import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: readonly string[];
}

export interface CellResult {
  readonly code: number | null;
  readonly out: string;
}

/** The code cells of a notebook, as they are in the file. */
export function codeCells(path: string): string[] {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as { readonly cells: readonly Cell[] };
  return cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => source.join(""));
}

/**
 * Runs a cell as a notebook does: those that begin with `%%bash` by bash, others by Python.
 *
 * @param environment  replaces that of the tests
 */
export function runCell(
  cell: string,
  environment: Readonly<Record<string, string>>,
  meanwhile: (process: ChildProcess) => void = () => {},
): Promise<CellResult> {
  const [, shell] = /^%%bash\n([^]*)$/.exec(cell) ?? [];
  const [command, args] = shell === undefined ? ["python3", ["-c", cell]] : ["bash", ["-c", shell]];
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: environment, detached: true });
    let out = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (out += piece));
    child.on("close", (code) => resolve({ code, out }));
    meanwhile(child);
  });
}
