import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { hashesOf, readHashes } from "../../src/corpus/tokens/hash-file.js";
import { documentSeparator } from "../../src/corpus/records/formats/plain-text.js";
import { hashDocument, type DocumentHash } from "../../src/corpus/documents/split.js";
import { readManifest, type TokenManifest } from "../../src/corpus/tokens/token-manifest.js";
import type { ShardManifest } from "../../src/corpus/shards/shards.js";
import type { DatasetRecipe } from "../../src/recipe/recipe.js";
import { executeJob } from "../../src/jobs/execute-job.js";
import type { Job } from "../../src/jobs/job.js";
import { jobFolder, writeJob, type Store } from "../../src/jobs/job-folder.js";
import type { DataParameters } from "../../src/run/kinds/data.js";
import { chosenDocuments } from "../../src/run/kinds/task-records.js";
import { dataJobs, dataParameters, tokenizeJob } from "../../src/run/graph/data-jobs.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { temporaryFolder } from "../temporary-folder.js";
import { smallRecipe } from "./small-recipe.js";
import { createJob, jobKinds } from "../../src/run/kinds/job-kinds.js";

const folder = temporaryFolder();
const store: Store = { folder: join(folder, "runs") };
mkdirSync(join(folder, "data"));

async function execute(job: Job): Promise<string> {
  await executeJob(
    writeJob(store, job),
    jobKinds,
    { device: "reference", instructions: "auto", threads: 1 },
    new AbortController().signal,
    () => {},
  );
  return jobFolder(store, job.id);
}

let sets = 0;

/** A data set of two files; every ninth record is bad, and some texts occur twice. */
async function set(from: number, use: Partial<DatasetRecipe> = {}): Promise<DataParameters> {
  const line = (i: number) => (i % 9 === 4 ? "{" : JSON.stringify({ text: `document number ${i % 250}` }));
  const lines = Array.from({ length: 300 }, (_, i) => `${line(from + i)}\n`);
  const paths = [join(folder, "data", `${sets}.jsonl`), join(folder, "data", `${sets++}.jsonl.gz`)];
  writeFileSync(paths[0], lines.slice(0, 120).join(""));
  writeFileSync(paths[1], gzipSync(lines.slice(120).join("")));
  const defaults = {
    separator: documentSeparator,
    field: "text",
    lossOn: "all",
    limit: null,
    duplicates: "keep",
    maxBadRecords: 60,
  } as const;
  const written = { files: paths, ...defaults, ...use } as Parameters<typeof dataParameters>[0];
  return dataParameters(written, { share: 0.2, seed: 3 });
}

const tokenizer = async (data: DataParameters) => {
  const job = createJob({
    kind: "tokenizer",
    title: "tokenizer",
    parameters: { data: [data], vocabSize: 270, maxBytes: 4000 },
    inputs: {},
    flops: 0,
    exclusive: true,
  });
  await execute(job);
  return job;
};
const keyOf = ({ high, low }: DocumentHash) => `${high} ${low}`;

async function evaluated(data: DataParameters, split: "validation" | "all"): Promise<string[]> {
  const keys = ({ text }: { readonly text: string }) => keyOf(hashDocument(text, 3));
  const { items } = await chosenDocuments(data, { name: "task", split, limit: null }, () => {});
  return items.map(keys);
}

describe("a task evaluates only documents that no training reads", () => {
  const uses: readonly Partial<DatasetRecipe>[] = [
    {},
    { duplicates: "remove" },
    { limit: { documents: 40 } },
    { limit: { bytes: 900 }, duplicates: "remove" },
    { limit: { tokens: 500 } },
  ];
  test.each(uses.map((use) => [JSON.stringify(use), use] as const))("%s", async (_, use) => {
    const data = await set(0, use);
    const tokenized = await execute(tokenizeJob("set", data, await tokenizer(data), "auto"));
    const { segments, heldOut, holdOut } = readManifest<TokenManifest>(tokenized);
    const trained = [...hashesOf(tokenized, segments)].map(keyOf);
    const items = await evaluated(data, "validation");
    expect(items.length).toBeGreaterThan(20);
    expect(trained.filter((key) => items.includes(key))).toEqual([]);
    expect(holdOut).toEqual({ share: 0.2, seed: 3 });
    if (use.limit !== undefined) return;
    // Without a limit every document is on one of the two sides; `heldOut` counts equal documents separately.
    expect([...trained, ...items].sort()).toEqual((await evaluated(data, "all")).sort());
    if (use.duplicates === undefined) expect(heldOut).toBe(items.length);
  });
});

test("shards of data sets with common texts contain no document that an evaluation of either reads", async () => {
  const data = new Map([
    ["a", await set(0)],
    ["b", await set(100, { limit: { documents: 90 } })],
  ]);
  const own = { data, tokenizer: await tokenizer(await set(0)), bos: "auto", seed: 1 } as const;
  const evaluations = [...data.values()].map((one) => evaluated(one, "validation"));
  const items = new Set((await Promise.all(evaluations)).flat());
  for (const names of [["a", "b"], ["a"], ["b"]]) {
    const { tokenize, shards } = dataJobs(names, { ...own, shards: 2 });
    for (const job of tokenize) await execute(job);
    const cut = await execute(shards);
    const { hashes, documents } = readManifest<ShardManifest>(cut);
    const trained = [...readHashes(join(cut, hashes), documents)].map(keyOf);
    expect(trained.length).toBeGreaterThan(80);
    expect(trained.filter((key) => items.has(key))).toEqual([]);
  }
});

test("a recipe's trainings read only their own data sets, and hold out the same share with the same seed", async () => {
  const plan = await planRun(await smallRecipe(folder));
  const baseShards = plan.jobs.find(({ id }) => id === plan.pretrainJob?.inputs.data.job);
  const titles = (job: Job | undefined) =>
    Object.values(job?.inputs ?? {}).map((input) => plan.jobs.find(({ id }) => id === input.job)?.title);
  expect(titles(baseShards)).toEqual(["tokenize stories"]);
  expect(titles(plan.shardsJob)).toEqual(["tokenize problems"]);
  const tokenizing = plan.jobs.filter(({ kind }) => kind === "tokenize");
  expect(tokenizing.map(({ parameters }) => (parameters as DataParameters).holdOut)).toEqual([
    { share: 0.1, seed: 1 },
    { share: 0.1, seed: 1 },
  ]);
});
