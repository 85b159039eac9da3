import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { compileFaultyDisk, faultyDisk, faultyDiskSkipReason } from "../../scripts/torture/faulty-disk.mjs";
import { temporaryFolder } from "../temporary-folder.js";

const reason = faultyDiskSkipReason();
let library: string;
const atomicFile = join(import.meta.dirname, "../../dist/files/atomic-file.js");

beforeAll(() => {
  if (reason === null) library = compileFaultyDisk(temporaryFolder());
});

it.skipIf(reason !== null).each(["write", "fsync", "close", "rename"])(
  `a %s that fails names the file and leaves nothing behind${reason === null ? "" : ` (skipped: ${reason})`}`,
  (call) => {
    const folder = temporaryFolder();
    const store = join(folder, "store");
    mkdirSync(store);
    const disk = faultyDisk(library, join(folder, "control"), store, {
      call,
      number: 1,
      error: "EIO",
    });
    const program =
      `import { writeFileAtomic } from ${JSON.stringify(atomicFile)};` +
      `try { writeFileAtomic(${JSON.stringify(join(store, "file"))}, "text"); } ` +
      "catch (error) { console.log(error.name + ': ' + error.message); }";
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
      env: { ...process.env, ...disk.environment },
    });
    expect(stderr).toBe("");
    expect(disk.failures()[call]).toBe(1);
    expect(stdout).toMatch(
      new RegExp(`^FileError: ${join(store, "file")} — expected to (write|finish) the file, got EIO\\.\n`),
    );
    expect(readdirSync(store)).toEqual([]);
  },
);
