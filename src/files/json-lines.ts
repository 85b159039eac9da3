import { closeSync, existsSync, openSync, readSync } from "node:fs";

const chunkBytes = 1 << 18;

/** The values of a file with one JSON value per line, one in memory at a time; none without the file. */
export function* readJsonLines<Value>(path: string): Generator<Value> {
  for (const line of completeLines(path)) yield JSON.parse(line) as Value;
}

/** The lines of a file that end with a line break; none without the file. */
export function* completeLines(path: string): Generator<string> {
  if (!existsSync(path)) return;
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let begun: Buffer[] = [];
    for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
      const chunk = buffer.subarray(0, bytes);
      let start = 0;
      for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
        yield Buffer.concat([...begun, chunk.subarray(start, end)]).toString();
        begun = [];
        start = end + 1;
      }
      begun.push(Buffer.from(chunk.subarray(start)));
    }
  } finally {
    closeSync(file);
  }
}
