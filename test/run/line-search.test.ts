import type { SearchRoles } from "../../src/run/graph/strategy-roles.js";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hashesOf, readHashes } from "../../src/corpus/tokens/hash-file.js";
import { hashDocument, splitOf, type DocumentHash } from "../../src/corpus/documents/split.js";
import { documentSeparator } from "../../src/corpus/records/formats/plain-text.js";
import type { ShardManifest } from "../../src/corpus/shards/shards.js";
import { readManifest, type TokenManifest } from "../../src/corpus/tokens/token-manifest.js";
import type { EncodedText } from "../../src/evaluate/task/encoded-text.js";
import { executeJob } from "../../src/jobs/execute-job.js";
import type { Job } from "../../src/jobs/job.js";
import { jobFolder, writeJob, type Store } from "../../src/jobs/job-folder.js";
import { dataJobs, dataParameters } from "../../src/run/graph/data-jobs.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { searchDocumentsJob } from "../../src/run/graph/search-jobs.js";
import type { DataParameters } from "../../src/run/kinds/data.js";
import type { EvaluateParameters } from "../../src/run/kinds/evaluate.js";
import { createJob, jobKinds } from "../../src/run/kinds/job-kinds.js";
import { searchDocumentsFile, type SearchDocumentsParameters } from "../../src/run/kinds/search-documents.js";
import { chosenDocuments } from "../../src/run/kinds/task-records.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { smallRecipe } from "./small-recipe.js";

const folder = temporaryFolder();
const store: Store = { folder: join(folder, "runs") };
mkdirSync(join(folder, "data"));

async function execute(job: Job): Promise<string> {
  const execution = { device: "reference", instructions: "auto", threads: 1 } as const;
  await executeJob(writeJob(store, job), jobKinds, execution, new AbortController().signal, () => {});
  return jobFolder(store, job.id);
}

const holdOut = { share: 0.2, search: 0.15, seed: 3 };
let sets = 0;

/** Lines of `document number i`, of which some occur twice. */
async function set(from: number, count = 300, share = holdOut): Promise<DataParameters> {
  const path = join(folder, "data", `${sets++}.jsonl`);
  const line = (i: number) => `${JSON.stringify({ text: `document number ${i % 350}` })}\n`;
  writeFileSync(path, Array.from({ length: count }, (_, i) => line(from + i)).join(""));
  const use = { separator: documentSeparator, field: "text", lossOn: "all", limit: null } as const;
  return dataParameters({ files: [path], ...use, duplicates: "keep", maxBadRecords: 0 }, share);
}

async function tokenizerOf(data: DataParameters): Promise<Job> {
  const parameters = { data: [data], vocabSize: 270, maxBytes: 4000 };
  const job = createJob({ kind: "tokenizer", title: "tokenizer", parameters, inputs: {}, flops: 0, exclusive: true });
  await execute(job);
  return job;
}

const keyOf = ({ high, low }: DocumentHash) => `${high} ${low}`;
const keyOfText = (text: string) => keyOf(hashDocument(text, 3));

async function searched(data: readonly DataParameters[], tokenizer: Job, documents: number): Promise<string[]> {
  const written = await execute(searchDocumentsJob({ documents, groups: false }, { data, tokenizer }));
  const { decode } = openTokenizer(jobFolder(store, tokenizer.id));
  const encoded = JSON.parse(readFileSync(join(written, searchDocumentsFile), "utf8")) as EncodedText[];
  return encoded.map(({ tokens }) => decode([...tokens]));
}

describe("a search of λ reads no document that is trained on or evaluated", () => {
  test("of one data set or of two with common texts", async () => {
    const data = new Map([
      ["a", await set(0)],
      ["b", await set(100)],
    ]);
    const tokenizer = await tokenizerOf(await set(0));
    const { tokenize, shards } = dataJobs(["a", "b"], { data, tokenizer, bos: "auto", seed: 1, shards: 2 });
    const trained = new Set<string>();
    for (const job of tokenize) {
      const tokenized = await execute(job);
      const { segments } = readManifest<TokenManifest>(tokenized);
      for (const hash of hashesOf(tokenized, segments)) trained.add(keyOf(hash));
    }
    const cut = await execute(shards);
    const manifest = readManifest<ShardManifest>(cut);
    expect(manifest.holdOut).toEqual(holdOut);
    for (const hash of readHashes(join(cut, manifest.hashes), manifest.documents)) {
      expect(splitOf(hash, holdOut)).toBe("training");
      trained.add(keyOf(hash));
    }
    const evaluated = new Set<string>();
    for (const one of data.values()) {
      const choice = { name: "task", split: "validation", limit: null } as const;
      for (const { text } of (await chosenDocuments(one, choice, () => {})).items) evaluated.add(keyOfText(text));
    }
    expect([trained.size > 150, evaluated.size > 40]).toEqual([true, true]);
    for (const sources of [[...data.values()], [data.get("b")!]]) {
      const texts = await searched(sources, tokenizer, 30);
      expect(texts).toHaveLength(30);
      for (const text of texts) {
        expect(text).toMatch(/^document number \d+$/);
        expect([trained.has(keyOfText(text)), evaluated.has(keyOfText(text))], text).toEqual([false, false]);
      }
    }
  });
  test("for data without such documents it ends with what to change", async () => {
    const few = await set(0, 3, { share: 0, search: 0.0001, seed: 3 });
    const job = searchDocumentsJob({ documents: 8, groups: false }, { data: [few], tokenizer: await tokenizerOf(few) });
    await expect(execute(job)).rejects.toThrow("Raise `searchHoldOut`");
  });
});

describe("a recipe", () => {
  const searching = 'strategies=[{name: "found", windows: [full, full], rounds: 2, merge: {lambda: search}}]';
  const holdOuts = (jobs: readonly Job[]) => [
    ...new Set(jobs.flatMap(({ parameters }) => JSON.stringify(parameters).match(/"holdOut":\{[^}]*\}/g) ?? [])),
  ];
  test("holds documents out for a search only if a strategy searches", async () => {
    const { jobs } = await planRun(await smallRecipe(folder));
    expect(holdOuts(jobs)).toEqual(['{"share":0.1,"seed":1}'].map((text) => `"holdOut":${text}`));
    const other = await planRun(await smallRecipe(folder, ["shards=2", searching, "searchHoldOut=0.03"]));
    expect(holdOuts(other.jobs)).toEqual(['"holdOut":{"share":0.1,"search":0.03,"seed":1}']);
    expect(other.jobs.filter(({ kind }) => kind === "evaluate").flatMap(splits)).not.toContain("search");
  });
  const splits = ({ parameters }: Job) => (parameters as EvaluateParameters).tasks.map(({ split }) => split as string);

  test("searches after each merge, and the next round starts from what it found", async () => {
    const { jobs: all, strategies } = await planRun(await smallRecipe(folder, ["shards=2", searching]));
    const [{ merges, searches, parts, evaluation }] = strategies.slice(-1);
    expect([merges.length, searches.length]).toEqual([2, 2]);
    const documents = all.filter(({ kind }) => kind === "search-documents");
    expect(documents).toHaveLength(1);
    expect((documents[0].parameters as SearchDocumentsParameters).data.map(({ source }) => source)).toEqual([
      expect.objectContaining({ synthetic: "problems" }),
    ]);
    for (const [round, jobs] of searches.entries()) {
      const { search } = jobs as SearchRoles<Job>;
      expect(search.inputs).toEqual({
        base: parts[round][0].inputs.start,
        merged: { job: merges[round].id, path: "model" },
        documents: { job: documents[0].id, path: "." },
      });
      const next = round === 0 ? parts[1][0].inputs.start : evaluation.inputs.model;
      expect(next).toEqual({ job: search.id, path: "model" });
    }
  });
  test("passes momentum on only between rounds that have an outer optimizer", async () => {
    const outer = "{outerOptimizer: {learningRate: 0.7, momentum: 0.5}}";
    const rounds = `[{merge: {outerOptimizer: null}}, {merge: ${outer}}, {merge: ${outer}}]`;
    const strategy = `strategies=[{name: "late", windows: [full, full], rounds: ${rounds}, merge: {method: union}}]`;
    const { strategies } = await planRun(await smallRecipe(folder, ["shards=2", strategy]));
    const [{ merges }] = strategies.slice(-1);
    expect(merges.map(({ inputs }) => inputs.momentum)).toEqual([
      undefined,
      undefined,
      { job: merges[1].id, path: "model/momentum.safetensors" },
    ]);
  });
  test("that searches with `searchHoldOut: 0` is refused", async () => {
    await expect(planRun(await smallRecipe(folder, ["shards=2", searching, "searchHoldOut=0"]))).rejects.toThrow(
      "a share above 0, because a strategy searches λ",
    );
  });
});
