import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeAbandonedPartials } from "../../src/files/partial-files.js";
import { hashOutputs, removePartialFiles } from "../../src/jobs/job-folder.js";
import { temporaryFolder } from "../temporary-folder.js";

it("partial files of dead processes are removed, a living one's stays, and none is an output", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "model"));
  // Process numbers end below 2²², so that the first is nobody's.
  const [dead, living] = [`job.json.${2 ** 30}.partial`, `job.json.${process.pid}.partial`];
  for (const name of [dead, living, "prefix-cache.partial", `model/a.${2 ** 30}.partial`, "model/a"])
    writeFileSync(join(folder, name), "x");
  removePartialFiles(folder);
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual([living, "model", "model/a"]);
  expect(Object.keys(await hashOutputs(folder))).toEqual(["model/a"]);
});

it("of what was to become a file, only what dead processes left is removed, folders too", () => {
  const folder = temporaryFolder();
  const dead = 2 ** 30;
  const kept = [
    `model.gguf.${process.pid}.partial`,
    `other.gguf.${dead}.partial`,
    `model.gguf.old.${dead}.partial`,
    "model.gguf.partial",
    "model.gguf",
  ];
  for (const name of [...kept, `model.gguf.${dead}.partial`]) writeFileSync(join(folder, name), "x");
  mkdirSync(join(folder, `model.gguf.${dead + 1}.partial/sub`), { recursive: true });
  removeAbandonedPartials(join(folder, "model.gguf"));
  expect(readdirSync(folder).sort()).toEqual(kept.toSorted());
  removeAbandonedPartials(join(folder, "nowhere/model.gguf"));
});
