import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { followProgress, jobFolder } from "../../src/jobs/job-folder.js";
import { temporaryFolder } from "../temporary-folder.js";

test("a job whose record of progress is removed, as at its end, is where it was last", () => {
  const store = { folder: temporaryFolder() };
  const path = join(jobFolder(store, "train-1"), "progress.json");
  mkdirSync(dirname(path), { recursive: true });
  const progress = followProgress(store);
  expect(progress({ id: "train-1" })).toBe(null);
  writeFileSync(path, JSON.stringify({ done: 8, total: 10, detail: "8/10 steps" }));
  expect(progress({ id: "train-1" })).toMatchObject({ done: 8 });
  rmSync(path);
  expect(progress({ id: "train-1" })).toMatchObject({ done: 8, total: 10 });
  expect(progress({ id: "train-2" })).toBe(null);
});
