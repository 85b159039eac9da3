import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { appendLine, createAtomicFile, writeFileAtomic } from "../../src/files/atomic-file.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const path = join(folder, "file");
const bytes = (text: string) => Buffer.from(text);
const read = () => readFileSync(path, "utf8");

describe("an atomic file", () => {
  test("does not exist until it is complete", () => {
    const file = createAtomicFile(path);
    file.write(bytes("one "));
    expect(existsSync(path)).toBe(false);
    file.write(bytes("two"));
    file.commit();
    expect(read()).toBe("one two");
    expect(readdirSync(folder)).toEqual(["file"]);
  });
  test("keeps its old content until the new content is complete, or if that is abandoned", () => {
    const file = createAtomicFile(path);
    file.write(bytes("new"));
    expect(read()).toBe("one two");
    file.abandon();
    expect(read()).toBe("one two");
    expect(readdirSync(folder)).toEqual(["file"]);
  });
  test("is not removed by a call of abandon after commit", () => {
    const file = createAtomicFile(path);
    file.write(bytes("new"));
    file.commit();
    file.abandon();
    expect(read()).toBe("new");
  });
  test("leaves no partial file if the rename fails", () => {
    const taken = join(folder, "taken");
    mkdirSync(join(taken, "inside"), { recursive: true });
    expect(() => writeFileAtomic(taken, "text")).toThrow(
      `${taken} — expected to finish the file, got EISDIR.\n` +
        "  Check the path and the disk, then run the same command again.",
    );
    expect(readdirSync(folder)).toEqual(["file", "taken"]);
  });
});

test("a missing folder is an error that names the file", () => {
  const nowhere = join(folder, "nowhere", "file");
  expect(() => writeFileAtomic(nowhere, "text")).toThrow(
    `${nowhere} — expected to create the file, got ENOENT.\n` +
      "  Check the path and the disk, then run the same command again.",
  );
});

const full = "/dev/full";
test.skipIf(!existsSync(full))(`a line that does not fit on the disk is an error (skipped without ${full})`, () => {
  expect(() => appendLine(full, "line")).toThrow(
    `${full} — expected room to append to the file, got a full disk (ENOSPC).\n` +
      "  Free some space and run the same command again: finished work is kept.",
  );
});
