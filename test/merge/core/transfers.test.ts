import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openMergeKernels } from "../../../src/merge/core/kernels/open-kernels.js";
import { directTransfers, type Transfers } from "../../../src/merge/core/transfers.js";
import { temporaryFolder } from "../../temporary-folder.js";

const folder = temporaryFolder();
const path = join(folder, "file");
let file: number;
beforeAll(() => {
  file = openSync(path, "w+");
});
afterAll(() => closeSync(file));

const kinds: [string, Transfers][] = [
  ["direct", directTransfers],
  ...[1, 2, 4].map((threads): [string, Transfers] => [`${threads} threads`, openMergeKernels(threads).transfers]),
];
const pattern = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => (i * 13 + seed) % 251);

test.each(kinds)("%s: what is written is read, whatever the order in which writes are waited for", (_, transfers) => {
  const lengths = [1, 1 << 18, (1 << 20) + 17, 0, 777777];
  const starts = lengths.map((__, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
  const blocks = lengths.map((length, i) => pattern(length, i));
  const finish = blocks.map((bytes, i) => transfers.write(file, bytes, starts[i]));
  for (const i of [3, 1, 4, 0, 2]) finish[i]();
  blocks.forEach((bytes, i) => {
    const read = new Uint8Array(bytes.length);
    transfers.expect(file, starts[i], bytes.length);
    expect(transfers.read(file, read, starts[i])).toBe(bytes.length);
    expect(Buffer.compare(read, bytes)).toBe(0);
  });
});

test.each(kinds)("%s: a read ends where the file does", (_, transfers) => {
  const short = join(folder, "short");
  writeFileSync(short, pattern(600000, 5));
  const descriptor = openSync(short, "r");
  const bytes = new Uint8Array(900000);
  expect(transfers.read(descriptor, bytes, 100)).toBe(599900);
  expect(Buffer.compare(bytes.subarray(0, 599900), pattern(600000, 5).subarray(100))).toBe(0);
  closeSync(descriptor);
});

test.each(kinds)("%s: errors carry the code of the system", (_, transfers) => {
  expect(() => transfers.read(openSync(folder, "r"), new Uint8Array(10), 0)).toThrow(
    expect.objectContaining({ code: "EISDIR" }),
  );
  const closed = openSync(path, "r");
  closeSync(closed);
  expect(() => transfers.write(closed, new Uint8Array(600000), 0)()).toThrow(
    expect.objectContaining({ code: "EBADF" }),
  );
});

test.skipIf(process.platform !== "linux").each(kinds)("%s: a full device is an error", (_, transfers) => {
  const full = openSync("/dev/full", "w");
  let errors = 0;
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
      errors++;
    }
  };
  let finish = () => {};
  attempt(() => {
    finish = transfers.write(full, new Uint8Array(600000), 0);
  });
  // Whoever waits again, to be sure that memory is no longer read, does not hide the first error.
  attempt(finish);
  attempt(finish);
  expect(errors).toBe(1);
  closeSync(full);
});
