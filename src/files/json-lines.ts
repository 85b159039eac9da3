import { closeSync, existsSync, openSync, readSync } from "node:fs";

const chunkBytes = 1 << 18;

/** The values of a file with one JSON value per line, one in memory at a time; none without the file. */
export function* readJsonLines<Value>(path: string): Generator<Value> {
  for (const line of completeLines(path)) yield JSON.parse(line) as Value;
}

/** The lines of a file that end with a line break; none without the file. @param from  position where a line begins */
export function* completeLines(path: string, from = 0): Generator<string> {
  if (!existsSync(path)) return;
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let begun: Buffer[] = [];
    let position = from;
    for (;;) {
      const bytes = readSync(file, buffer, 0, chunkBytes, position);
      if (bytes === 0) return;
      position += bytes;
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
