import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeAbandonedPartials } from "../../src/files/partial-files.js";
import { formatWriter, thisWriter } from "../../src/files/writer.js";
import { hashOutputs, removePartialFiles } from "../../src/jobs/job-folder.js";
import { temporaryFolder } from "../temporary-folder.js";

const here = (pid: number) => formatWriter({ ...thisWriter(), pid });
/** Process ids are below 2²², so that no process has these. */
const [dead, otherDead] = [here(2 ** 30), here(2 ** 30 + 1)];
const living = here(process.pid);
/** On another host, where it may be running. */
const elsewhere = formatWriter({ host: "another-host", scope: "0123abcd", pid: 2 ** 30, started: 7 });

it("partial files of ended processes are removed, those of live processes stay, and none is an output", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "model"));
  const kept = [`job.json.${elsewhere}.partial`, `job.json.${living}.partial`];
  const removed = [`job.json.${dead}.partial`, "prefix-cache.partial", `model/a.${dead}.partial`];
  for (const name of [...kept, ...removed, "model/a"]) writeFileSync(join(folder, name), "x");
  removePartialFiles(folder, null);
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual([...kept, "model", "model/a"].sort());
  expect(Object.keys(await hashOutputs(folder))).toEqual(["model/a"]);
});

it("only partial files and folders of a path whose writers have ended are removed", () => {
  const folder = temporaryFolder();
  const kept = [
    `model.gguf.${living}.partial`,
    `model.gguf.${elsewhere}.partial`,
    `other.gguf.${dead}.partial`,
    `model.gguf.old.${dead}.partial`,
    "model.gguf.partial",
    "model.gguf",
  ];
  for (const name of [...kept, `model.gguf.${dead}.partial`]) writeFileSync(join(folder, name), "x");
  mkdirSync(join(folder, `model.gguf.${otherDead}.partial/sub`), { recursive: true });
  removeAbandonedPartials(join(folder, "model.gguf"));
  expect(readdirSync(folder).sort()).toEqual(kept.toSorted());
  removeAbandonedPartials(join(folder, "nowhere/model.gguf"));
});
