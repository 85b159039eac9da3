import { chmodSync, existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFolder } from "../../src/files/create-folder.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();

test("a folder is created with those that it is in; one that exists is left", () => {
  const path = join(folder, "a/b/c");
  createFolder(path);
  writeFileSync(join(path, "file"), "kept");
  createFolder(path);
  createFolder(join(path, "..", "c"));
  createFolder(`${path}/`);
  symlinkSync(path, join(folder, "link"));
  createFolder(join(folder, "link"));
  expect(existsSync(join(path, "file"))).toBe(true);
});

test("what is not created is an error with the folder and the reason", () => {
  writeFileSync(join(folder, "file"), "");
  const error = (path: string) => () => createFolder(join(folder, path));
  expect(error("file")).toThrow(/file — expected to create the folder, got EEXIST/);
  expect(error("file/inside/it")).toThrow(/file\/inside\/it — expected to create the folder, got ENOTDIR/);
  symlinkSync(join(folder, "nowhere"), join(folder, "dangling"));
  expect(error("dangling")).toThrow(/expected to create the folder, got EEXIST/);
  expect(error("dangling/inside")).toThrow(/expected to create the folder, got (EEXIST|ENOENT)/);
  expect(error("x".repeat(300))).toThrow(/expected to create the folder, got ENAMETOOLONG/);
});

test.skipIf(process.getuid?.() === 0)(
  "a folder that may not be written is named (skipped: as root, all may be)",
  () => {
    createFolder(join(folder, "closed"));
    chmodSync(join(folder, "closed"), 0o500);
    expect(() => createFolder(join(folder, "closed/new"))).toThrow(
      /expected permission to create the folder, got EACCES/,
    );
  },
);
