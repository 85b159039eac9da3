import { expect, test } from "vitest";
import { exchangedBytes } from "../../src/merge/exchange/formats.js";
import { executeJob } from "../../src/jobs/execute-job.js";
import type { Job } from "../../src/jobs/job.js";
import { readDone, writeJob, type Store } from "../../src/jobs/job-folder.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { createJob, jobKinds } from "../../src/run/kinds/job-kinds.js";
import type { MergeParameters } from "../../src/run/kinds/merge.js";
import { changePath, residualPath, type TrainParameters } from "../../src/run/kinds/train.js";
import { temporaryFolder } from "../temporary-folder.js";
import { smallRecipe } from "./small-recipe.js";

const folder = temporaryFolder();
const store: Store = { folder };
const execution = { device: "auto", threads: 1 } as const;

async function execute(job: Job): Promise<readonly string[]> {
  await executeJob(writeJob(store, job), jobKinds, execution, new AbortController().signal, () => {});
  return Object.keys(readDone(store, job.id)?.outputs ?? {});
}

test("parts send int4 changes, the merge reads them, and workers keep their residual for the next round", async () => {
  const strategy = 'strategies=[{name: "sent", windows: [full, full], rounds: 2, merge: {method: union}}]';
  const plan = await planRun(await smallRecipe(folder, ["shards=2", "training.amount={steps: 8}", strategy]));
  const [{ parts, merges }] = plan.strategies;
  const [first, second] = parts;
  const before = plan.jobs.filter(({ kind }) => ["tokenizer", "tokenize", "shards", "initialize"].includes(kind));
  for (const job of [...before, plan.pretrainJob as Job]) await execute(job);
  const sending = (job: Job, inputs: Job["inputs"] = {}) =>
    createJob({
      ...job,
      kind: "train",
      parameters: { ...(job.parameters as TrainParameters), exchange: "int4" },
      inputs: { ...job.inputs, ...inputs },
    });
  const senders = first.map((job) => sending(job));
  for (const job of senders) {
    const outputs = await execute(job);
    expect(outputs).toEqual(expect.arrayContaining([changePath, residualPath, "model/model.safetensors"]));
    const { window } = job.parameters as TrainParameters;
    const { bytes } = readDone(store, job.id)?.outputs[changePath] ?? { bytes: 0 };
    const sent = exchangedBytes(plan.config, window, "int4");
    expect(bytes).toBeGreaterThan(sent);
    // The header has about 200 bytes per tensor.
    expect(bytes).toBeLessThan(sent + 12_000);
  }
  const merge = createJob({
    ...merges[0],
    kind: "merge",
    parameters: { ...(merges[0].parameters as MergeParameters), fromChanges: true },
    inputs: {
      base: merges[0].inputs.base,
      "part-0": { job: senders[0].id, path: changePath },
      "part-1": { job: senders[1].id, path: changePath },
    },
  });
  expect(await execute(merge)).toContain("model/model.safetensors");
  const next = sending(second[0], {
    start: { job: merge.id, path: "model" },
    previous: { job: senders[0].id, path: "checkpoint.safetensors" },
    residual: { job: senders[0].id, path: residualPath },
  });
  const outputs = await execute(next);
  expect(outputs).toContain(changePath);
  // Nothing follows the last round, so what only the worker needs is removed.
  expect(outputs).not.toContain(residualPath);
});
