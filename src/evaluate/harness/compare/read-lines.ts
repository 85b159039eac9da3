import { closeSync, openSync, readSync } from "node:fs";

export interface NumberedLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** The lines of a file, with a chunk of it in memory. */
export function* readLines(path: string): Generator<NumberedLine> {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(1 << 18);
    let begun: Buffer[] = [];
    let number = 1;
    for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
      const chunk = buffer.subarray(0, bytes);
      let start = 0;
      for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
        yield { number: number++, text: Buffer.concat([...begun, chunk.subarray(start, end)]).toString() };
        begun = [];
        start = end + 1;
      }
      begun.push(Buffer.from(chunk.subarray(start)));
    }
    const rest = Buffer.concat(begun).toString();
    if (rest !== "") yield { number, text: rest };
  } finally {
    closeSync(file);
  }
}
