import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tokenizedNote } from "../../src/cli/view/tokenized-note.js";
import { documentSeparator } from "../../src/corpus/records/formats/plain-text.js";
import { verifyShards } from "../../src/corpus/shards/shards.js";
import type { DatasetRecipe } from "../../src/recipe/recipe.js";
import { executeJob } from "../../src/jobs/execute-job.js";
import type { Job } from "../../src/jobs/job.js";
import { jobFolder, readDone, writeJob, type Store } from "../../src/jobs/job-folder.js";
import type { TokenizeResult } from "../../src/run/kinds/tokenize.js";
import { dataParameters, shardsJob, tokenizeJob } from "../../src/run/graph/data-jobs.js";
import { temporaryFolder } from "../temporary-folder.js";
import { createJob, jobKinds } from "../../src/run/kinds/job-kinds.js";

const folder = temporaryFolder();
/** One for each number of threads, because the jobs are the same. */
const storeOf = (threads: number): Store => ({ folder: join(folder, `runs-${threads}`) });

async function execute(job: Job, threads: number): Promise<Job> {
  await executeJob(
    writeJob(storeOf(threads), job),
    jobKinds,
    { device: "reference", instructions: "auto", threads },
    new AbortController().signal,
    () => {},
  );
  return job;
}

/** Two files that match a pattern: 300 questions, every tenth bad, some twice. */
function writeData(): string {
  mkdirSync(join(folder, "data"), { recursive: true });
  const line = (i: number) =>
    i % 10 === 3
      ? '{"question": "no answer"}'
      : JSON.stringify({ question: `What is ${i % 130} and ${i % 130}?`, answer: 2 * (i % 130) });
  const lines = Array.from({ length: 300 }, (_, i) => `${line(i)}\n`);
  writeFileSync(join(folder, "data", "b.jsonl"), lines.slice(200).join(""));
  writeFileSync(join(folder, "data", "a.jsonl.gz"), gzipSync(lines.slice(0, 200).join("")));
  return join(folder, "data", "*.jsonl*");
}

test("a data set gives the same tokens with one thread and with two, and reports what was left out", async () => {
  const set: DatasetRecipe = {
    files: [writeData()],
    separator: documentSeparator,
    prompt: "Question: {question}\nAnswer:",
    completion: " {answer}",
    lossOn: "completions",
    limit: null,
    duplicates: "remove",
    maxBadRecords: 40,
  };
  const data = await dataParameters(set, { share: 0.1, seed: 1 });
  const tokenizer = createJob({
    kind: "tokenizer",
    title: "tokenizer",
    parameters: { data: [data], vocabSize: 300, maxBytes: 10_000 },
    inputs: {},
    flops: 0,
    exclusive: true,
  });
  const job = tokenizeJob("sums", data, tokenizer, "auto");
  const result = async (threads: number): Promise<TokenizeResult> => {
    await execute(tokenizer, threads);
    await execute(job, threads);
    return readDone(storeOf(threads), job.id)?.result as TokenizeResult;
  };
  const alone = await result(1);
  expect(await result(2)).toEqual(alone);
  for (const name of ["tokens", "starts", "hashes", "mask"]) {
    const [one, two] = [1, 2].map((threads) =>
      readFileSync(join(jobFolder(storeOf(threads), job.id), `segment-0.${name}`)),
    );
    expect(one.equals(two)).toBe(true);
  }
  const { documents, tokens, heldOut, minDraw, duplicatesRemoved, skipped } = alone;
  expect(documents + (duplicatesRemoved ?? 0) + heldOut + skipped.count).toBe(300);
  expect(skipped.count).toBe(30);
  expect(minDraw).toBeGreaterThanOrEqual(0.1);
  const places = skipped.first.map((place) => place.replace(folder, "FOLDER"));
  expect(places.slice(0, 2)).toEqual(
    ["FOLDER/data/a.jsonl.gz:4", "FOLDER/data/a.jsonl.gz:14"].map(
      (where) => `${where} — expected the field "answer", got only the field "question".`,
    ),
  );
  expect(tokenizedNote(alone)).toBe(
    ` (${documents} documents, ${tokens} tokens, ${heldOut} held out, ` +
      `${String(duplicatesRemoved)} duplicates removed, 30 bad records skipped)\n` +
      `${skipped.first.map((place) => `  ${place}\n`).join("")}  and 25 more`,
  );

  const shards = await execute(shardsJob([job], 2, 1), 1);
  await verifyShards(jobFolder(storeOf(1), shards.id));
});
