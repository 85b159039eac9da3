import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { compileFaultyDisk, faultyDisk, faultyDiskSkipReason } from "../../scripts/torture/faulty-disk.mjs";
import { temporaryFolder } from "../temporary-folder.js";

const reason = faultyDiskSkipReason();
let library: string;
const skipped = reason === null ? "" : ` (skipped: ${reason})`;
const module = (name: string) => JSON.stringify(join(import.meta.dirname, "../../dist/files", name));

beforeAll(() => {
  if (reason === null) library = compileFaultyDisk(temporaryFolder());
});

/** Runs a program with a disk whose first `call` below `store` fails with EIO. It prints what it catches. */
function runOnFaultyDisk(store: string, call: string, program: string) {
  const disk = faultyDisk(library, join(temporaryFolder(), "control"), store, { call, number: 1, error: "EIO" });
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, ...disk.environment },
  });
  expect(stderr).toBe("");
  expect(disk.failures()[call]).toBe(1);
  return stdout;
}

it.skipIf(reason !== null).each(["write", "fsync", "close", "rename"])(
  `a %s that fails names the file and leaves nothing behind${skipped}`,
  (call) => {
    const store = join(temporaryFolder(), "store");
    mkdirSync(store);
    const program =
      `import { writeFileAtomic } from ${module("atomic-file.js")};` +
      `try { writeFileAtomic(${JSON.stringify(join(store, "file"))}, "text"); } ` +
      "catch (error) { console.log(error.name + ': ' + error.message); }";
    expect(runOnFaultyDisk(store, call, program)).toMatch(
      new RegExp(`^FileError: ${join(store, "file")} — expected to (write|finish) the file, got EIO\\.\n`),
    );
    expect(readdirSync(store)).toEqual([]);
  },
);

it.skipIf(reason !== null).each(["open", "read", "close"])(`a %s that fails can be caught${skipped}`, (call) => {
  const store = temporaryFolder();
  writeFileSync(join(store, "file"), "text");
  const program =
    `import { readText } from ${module("read-text.js")};` +
    `try { readText(${JSON.stringify(join(store, "file"))}); } catch (error) { console.log(error.code); }`;
  expect(runOnFaultyDisk(store, call, program)).toBe("EIO\n");
});
