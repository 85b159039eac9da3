import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { sourceFile } from "../../src/jobs/source-file.js";
import { hashValue } from "../../src/files/hash.js";
import { temporaryFolder } from "../temporary-folder.js";
import { createJob, jobKinds } from "../../src/run/kinds/job-kinds.js";

const job = (change: Partial<Parameters<typeof createJob>[0]> = {}) =>
  createJob({
    kind: "merge",
    title: "a merge",
    parameters: { share: 0.8, list: [1, 2] },
    inputs: { base: { job: "start-1", path: "model" } },
    options: { often: 1 },
    flops: 1,
    exclusive: false,
    ...change,
  }).id;

test(
  "a job's folder is named after its kind, the version of its " +
    "code, its parameters and its inputs, and nothing else",
  () => {
    const named = {
      kind: "merge",
      version: jobKinds.merge.version,
      parameters: { share: 0.8, list: [1, 2] },
      inputs: { base: { job: "start-1", path: "model" } },
    };
    expect(job()).toBe(`merge-${hashValue(named).slice(0, 16)}`);
    expect(job({ parameters: { list: [1, 2], share: 0.8 } })).toBe(job());
    expect(job({ title: "another", options: { often: 2 }, flops: 2, exclusive: true })).toBe(job());
    const others = [
      job({ kind: "shards" }),
      job({ parameters: { share: 0.8, list: [2, 1] } }),
      job({ parameters: { share: 0.7, list: [1, 2] } }),
      job({ inputs: { base: { job: "start-2", path: "model" } } }),
      job({ inputs: { base: { job: "start-1", path: "snapshots/50" } } }),
      job({ inputs: { other: { job: "start-1", path: "model" } } }),
      job({ inputs: {} }),
    ];
    expect(new Set([job(), ...others]).size).toBe(1 + others.length);
  },
);

test("a source file is identified by its content, not by its path", async () => {
  const folder = temporaryFolder();
  const [here, moved, other] = ["a.txt", "b.txt", "c.txt"].map((name) => join(folder, name));
  writeFileSync(here, "one");
  copyFileSync(here, moved);
  writeFileSync(other, "two");
  const id = async (path: string) => job({ parameters: { source: { files: [await sourceFile(path)] } } });
  expect(await id(moved)).toBe(await id(here));
  expect(await id(other)).not.toBe(await id(here));
  const before = await id(here);
  writeFileSync(here, "three");
  expect(await id(here)).not.toBe(before);
});
