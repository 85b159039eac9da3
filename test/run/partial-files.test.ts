import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hashOutputs, removePartialFiles } from "../../src/run/job-folder.js";
import { temporaryFolder } from "../temporary-folder.js";

it("partial files of dead processes are removed, a living one's stays, and none is an output", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "model"));
  // Process numbers end below 2²², so that the first is nobody's.
  const [dead, living] = [`job.json.${2 ** 30}.partial`, `job.json.${process.pid}.partial`];
  for (const name of [dead, living, "prefix-cache.partial", `model/a.${2 ** 30}.partial`, "model/a"]) writeFileSync(join(folder, name), "x");
  removePartialFiles(folder);
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual([living, "model", "model/a"]);
  expect(Object.keys(await hashOutputs(folder))).toEqual(["model/a"]);
});
