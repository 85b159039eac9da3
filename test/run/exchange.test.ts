import { expect, test } from "vitest";
import { exchangedBytes } from "../../src/merge/exchange/formats.js";
import { executeJob } from "../../src/jobs/execute-job.js";
import type { Job } from "../../src/jobs/job.js";
import { readDone, writeJob, type Store } from "../../src/jobs/job-folder.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { jobKinds } from "../../src/run/kinds/job-kinds.js";
import type { MergeParameters } from "../../src/run/kinds/merge.js";
import { changePath, residualPath, type TrainParameters } from "../../src/run/kinds/train-parameters.js";
import { temporaryFolder } from "../temporary-folder.js";
import { smallRecipe } from "./small-recipe.js";

const folder = temporaryFolder();
const store: Store = { folder };
const execution = { device: "auto", instructions: "auto", threads: 1 } as const;

async function execute(job: Job): Promise<readonly string[]> {
  await executeJob(writeJob(store, job), jobKinds, execution, new AbortController().signal, () => {});
  return Object.keys(readDone(store, job.id)?.outputs ?? {});
}

test("parts send int4 changes, the merge reads them, and workers keep their residual for the next round", async () => {
  const strategy =
    'strategies=[{name: "sent", windows: [full, full], rounds: 2, exchange: int4, merge: {method: union}}]';
  const plan = await planRun(await smallRecipe(folder, ["shards=2", "training.amount={steps: 8}", strategy]));
  const { parts, merges } = plan.strategies.find((jobs) => jobs.strategy.name === "sent")!;
  const before = plan.jobs.filter(({ kind }) => ["tokenizer", "tokenize", "shards", "initialize"].includes(kind));
  for (const job of [...before, plan.pretrainJob as Job]) await execute(job);
  for (const job of parts[0]) {
    const outputs = await execute(job);
    expect(outputs).toEqual(expect.arrayContaining([changePath, residualPath, "model/model.safetensors"]));
    const { window } = job.parameters as TrainParameters;
    const { bytes } = readDone(store, job.id)?.outputs[changePath] ?? { bytes: 0 };
    const sent = exchangedBytes(plan.config, window, "int4");
    expect(bytes).toBeGreaterThan(sent);
    // The header has about 200 bytes per tensor.
    expect(bytes).toBeLessThan(sent + 12_000);
  }
  expect((merges[0].parameters as MergeParameters).fromChanges).toBe(true);
  expect(await execute(merges[0])).toContain("model/model.safetensors");
  for (const [worker, job] of parts[1].entries()) {
    expect(job.inputs.residual).toEqual({ job: parts[0][worker].id, path: residualPath });
    const outputs = await execute(job);
    expect(outputs).toContain(changePath);
    // Nothing follows the last round, so what only the worker needs is removed.
    expect(outputs).not.toContain(residualPath);
  }
  expect(await execute(merges[1])).toContain("model/model.safetensors");
});
