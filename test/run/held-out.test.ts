import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { shardsNote } from "../../src/cli/view/shards-note.js";
import { heldOutHashesOf } from "../../src/corpus/tokens/hash-file.js";
import { verifyShards } from "../../src/corpus/shards/shards.js";
import { hashDocument, type DocumentHash } from "../../src/corpus/documents/split.js";
import { readManifest, type TokenManifest } from "../../src/corpus/tokens/token-manifest.js";
import type { DatasetRecipe } from "../../src/recipe/recipe.js";
import { planCuts } from "../../src/run/graph/data-jobs.js";
import { executeJob } from "../../src/jobs/execute-job.js";
import type { Job } from "../../src/jobs/job.js";
import { jobFolder, readDone, writeJob, type Store } from "../../src/jobs/job-folder.js";
import type { DataParameters } from "../../src/run/kinds/data.js";
import type { ShardsResult } from "../../src/run/kinds/shards.js";
import { taskItems } from "../../src/run/kinds/task-items.js";
import { dataParameters, tokenizeJob } from "../../src/run/graph/recipe-jobs.js";
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
    { device: "reference", threads: 1 },
    new AbortController().signal,
    () => {},
  );
  return jobFolder(store, job.id);
}

let made = 0;

/** A data set of two files; every ninth record is bad, some texts come twice. */
async function set(from: number, use: Partial<DatasetRecipe>): Promise<DataParameters> {
  const line = (i: number) => (i % 9 === 4 ? "{" : JSON.stringify({ text: `document number ${i % 250}` }));
  const lines = Array.from({ length: 300 }, (_, i) => `${line(from + i)}\n`);
  const paths = [join(folder, "data", `${made}.jsonl`), join(folder, "data", `${made++}.jsonl.gz`)];
  writeFileSync(paths[0], lines.slice(0, 120).join(""));
  writeFileSync(paths[1], gzipSync(lines.slice(120).join("")));
  const defaults = {
    field: "text",
    validation: 0.2,
    lossOn: "all",
    first: null,
    duplicates: "keep",
    skipBad: 60,
  } as const;
  return dataParameters({ files: paths, ...defaults, ...use } as Parameters<typeof dataParameters>[0], 3);
}

const tokenizer = async (data: DataParameters) => {
  const job = createJob({
    kind: "tokenizer",
    title: "tokenizer",
    parameters: { data: [data], vocabularySize: 270, maximumBytes: 4000 },
    inputs: {},
    work: 0,
    wholeMachine: true,
  });
  await execute(job);
  return job;
};
const keyOf = ({ high, low }: DocumentHash) => `${high} ${low}`;

describe("the documents that a task evaluates are those that tokenizing lists as held out", () => {
  const uses: readonly Partial<DatasetRecipe>[] = [
    {},
    { duplicates: "remove" },
    { first: { documents: 40 } },
    { first: { bytes: 900 }, duplicates: "remove" },
    { first: { tokens: 500 } },
  ];
  test.each(uses.map((use) => [JSON.stringify(use), use] as const))("%s", async (_, use) => {
    const data = await set(0, use);
    const job = tokenizeJob("set", data, await tokenizer(data), true);
    const tokenized = await execute(job);
    const { segments, validation } = readManifest<TokenManifest>(tokenized);
    const listed = [...heldOutHashesOf(tokenized, segments)].map(keyOf);
    const choice = { name: "task", split: "validation", limit: null } as const;
    const { items: evaluated } = await taskItems(
      data,
      choice,
      ({ text }) => keyOf(hashDocument(text, 3)),
      () => {},
    );
    expect(evaluated.length).toBeGreaterThan(20);
    // A list of what is held out has equal ones each.
    expect(evaluated).toEqual(use.duplicates === "remove" ? [...new Set(listed)] : listed);
    expect(validation).toMatchObject({ heldOut: listed.length, isComplete: true });
  });
});

describe("planned cuts", () => {
  async function planned(uses: Readonly<Record<string, Partial<DatasetRecipe>>>) {
    const data = new Map<string, DataParameters>();
    for (const [name, use] of Object.entries(uses)) data.set(name, await set(0, use));
    const job = createJob({ kind: "tokenizer", title: "", parameters: {}, inputs: {}, work: 0, wholeMachine: false });
    return planCuts(data, job, [["a", "b"], ["c"]]);
  }

  test("depend on a set of another training only if its share is larger, and read past a cut only then", async () => {
    const first = { documents: 10 };
    const cutOf = await planned({
      a: { validation: 0.1, first },
      b: { validation: 0.3, first },
      c: { validation: 0.2, first },
    });
    const [ab, c] = [cutOf(["a", "b"], 2, 1), cutOf(["c"], 1, 1)];
    const past = ({ parameters }: Job) => (parameters as { heldOutPastCut: boolean }).heldOutPastCut;
    expect(ab.sources.map(past)).toEqual([false, true]);
    expect([ab.holding, c.holding]).toEqual([c.sources, [ab.sources[1]]]);
    expect(past(c.sources[0])).toBe(true);
    expect(Object.keys(c.shards.inputs)).toEqual(["source-000", "held-out-000"]);
  });

  test("of equal shares have their own sources only; a set that is not cut is never read further", async () => {
    const cutOf = await planned({ a: {}, b: { first: { documents: 10 } }, c: {} });
    expect(Object.keys(cutOf(["a", "b"], 2, 1).shards.inputs)).toEqual(["source-000", "source-001"]);
    expect(cutOf(["c"], 2, 1).holding).toEqual([]);
    const larger = await planned({ a: {}, b: { validation: 0.1 }, c: { validation: 0.1 } });
    expect(larger(["a"], 2, 1).sources[0].parameters).toMatchObject({ heldOutPastCut: false });
  });

  test("of a recipe leave out of pre-training what training holds out by a larger share", async () => {
    const plan = await planRun(await smallRecipe(folder));
    const baseShards = plan.jobs.find(({ id }) => id === plan.pretrainJob?.inputs.data.job);
    const titles = (job: Job | undefined) =>
      Object.values(job?.inputs ?? {}).map((input) => plan.jobs.find(({ id }) => id === input.job)?.title);
    // The shares are 0.02 and 0.1.
    expect(titles(baseShards)).toEqual(["tokenize stories", "tokenize problems"]);
    expect(titles(plan.shardsJob)).toEqual(["tokenize problems"]);
  });
});

test("a job that cuts shards leaves out what another data set holds out, and tells it", async () => {
  const data = new Map([
    ["a", await set(0, { validation: 0.05 })],
    ["b", await set(100, { validation: 0.3 })],
    ["c", await set(0, { validation: 0.5 })],
  ]);
  const cutOf = planCuts(data, await tokenizer(await set(0, {})), [["a", "b"], ["c"]]);
  const { sources, holding, shards } = cutOf(["a", "b"], 2, 1);
  for (const job of [...sources, ...holding]) await execute(job);
  await verifyShards(await execute(shards));
  const result = readDone(store, shards.id)?.result as ShardsResult;
  const [a, b] = result.sources.map(({ leftOut }) => leftOut);
  expect(Math.min(a.documents, b.documents)).toBeGreaterThan(20);
  expect(shardsNote(result)).toBe(
    ` (${a.documents + b.documents} documents, ${a.tokens + b.tokens} tokens left out: held out by another data set)`,
  );
  const none = {
    ...result,
    sources: result.sources.map((source) => ({ ...source, leftOut: { documents: 0, tokens: 0 } })),
  };
  expect(shardsNote(none)).toBe("");
});
