import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDone } from "../../src/jobs/job-folder.js";
import { openPart } from "../../src/jobs/packed/pack-format.js";
import { startHub, type HubServer } from "../hub/hub-server.js";
import { commitOf } from "../hub/served.js";
import { memoryFolder } from "../temporary-folder.js";
import { carriedRun } from "./carry-recipe.js";
import { strata } from "./strata.js";

const recipe = `
name: from-hub
holdOut: 0.1
data: { problems: { synthetic: problems, documents: 240 } }
model: { folder: 'hf:org/small' }
training: { data: [problems], sequenceLength: 32, batchSize: 4, amount: { steps: 8 } }
strategies: [slerp-1]
baselines: []
evaluateAt: []
evaluation: [{ name: loss, kind: loss, data: problems, documents: 4 }]
machine: { threads: 1, parallel: 2 }
`;

let hub: HubServer;
beforeAll(async () => {
  hub = await startHub();
  const run = await carriedRun(memoryFolder());
  const made = await run.command(
    "pack",
    "--strategy",
    "slerp-1",
    "--part",
    "1",
    "--out",
    join(run.folder, "a"),
    "--quiet",
  );
  expect(made).toEqual({ code: 0, out: "", err: "" });
  const folder = join(run.store.folder, "jobs", run.plan.pretrainJob?.id ?? "", "model");
  const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  hub.revisions.set("models/org/small@main", { commit: commitOf("a"), files });
});
afterAll(() => hub.close());

test("with --weights hub a worker downloads the weights, and gives the bytes of carried ones", async () => {
  const folder = memoryFolder();
  const path = join(folder, "recipe.yaml");
  writeFileSync(path, recipe);
  const at = (host: string) => ({ HF_ENDPOINT: hub.endpoint, HF_HOME: join(folder, host), STRATA_HOST: host });
  const here = (...args: readonly string[]) =>
    strata([args[0], path, ...args.slice(1), "--runs", join(folder, "runs")], () => {}, at("here"));
  const file = join(folder, "part-2.strata");
  const packed = await here("pack", "--part", "2", "--out", file, "--weights", "hub");
  expect(packed).toMatchObject({ code: 0, out: expect.stringMatching(/the worker downloads .* MB/) as string });
  const { manifest } = await openPart(file);
  expect(manifest.members.filter(({ path: name }) => name.endsWith(".safetensors"))).toEqual([]);
  expect(manifest.fetch).toMatchObject([{ repository: "org/small", commit: commitOf("a"), path: "model.safetensors" }]);
  hub.asked.length = 0;
  const worked = await strata(["work", file], () => {}, at("there"));
  expect(worked.code).toBe(0);
  expect(hub.asked.map(({ path: asked }) => basename(asked))).toContain("model.safetensors");
  const done = join(folder, "part-2.done.strata");
  renameSync(done, join(folder, "a.done.strata"));
  const carried = join(folder, "carried", "part-2.strata");
  const told = await here("pack", "--part", "2", "--out", carried);
  expect(told.out).toContain("It carries the model; with --weights hub the worker downloads it.");
  expect((await strata(["work", carried], () => {}, at("offline"))).code).toBe(0);
  expect((await here("collect", join(folder, "a.done.strata"), "--quiet")).code).toBe(0);
  const outputs = readDone({ folder: join(folder, "runs") }, manifest.job)?.outputs ?? {};
  expect(Object.keys(outputs)).toContain("model/model.safetensors");
  const other = { folder: join(folder, "other") };
  await strata(["pack", path, "--part", "2", "--runs", other.folder, "--out", join(folder, "b")], () => {}, at("here"));
  const again = ["collect", path, join(folder, "carried"), "--runs", other.folder, "--quiet"];
  expect((await strata(again, () => {}, at("here"))).code).toBe(0);
  expect(readDone(other, manifest.job)?.outputs).toEqual(outputs);
});
