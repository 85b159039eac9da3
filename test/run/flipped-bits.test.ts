import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { executeJob } from "../../src/jobs/execute-job.js";
import { jobFolder, readDone, verifyOutputs, type Done, type Store } from "../../src/jobs/job-folder.js";
import type { Job } from "../../src/jobs/job.js";
import { readSteps } from "../../src/train/journal.js";
import { openSafetensors, verifyTensor } from "../../src/tensor/safetensors.js";
import { checksumsKey } from "../../src/tensor/tensor-checksums.js";
import { planRun, type RunPlan } from "../../src/run/graph/run-graph.js";
import { jobKinds } from "../../src/run/kinds/job-kinds.js";
import { memoryFolder } from "../temporary-folder.js";
import { smallRecipe, writeSmallRecipe } from "./small-recipe.js";
import { strata } from "./strata.js";

const overrides = [
  "training.amount.steps=20",
  "strategies=[vanilla, slerp-1]",
  "baselines=[vanilla]",
  "evaluateAt=[0.5]",
  "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
];
const store: Store = { folder: join(memoryFolder(), "runs") };
let plan: RunPlan;
const finished = new Map<string, Done>();

beforeAll(async () => {
  const folder = memoryFolder();
  plan = await planRun(await smallRecipe(folder, overrides));
  const set = overrides.flatMap((one) => ["--set", one]);
  expect((await strata(["run", writeSmallRecipe(folder), "--runs", store.folder, ...set])).code).toBe(0);
  for (const { id } of plan.jobs) finished.set(id, readDone(store, id) as Done);
});

/** Numbers in [0, 1), the same in every run: xorshift32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Runs `act` while one bit of a file is flipped. */
async function withFlippedBit<T>(path: string, random: number, act: () => T | Promise<T>): Promise<T> {
  const whole = readFileSync(path);
  const bytes = Buffer.from(whole);
  const bit = Math.floor(random * 8 * bytes.length);
  bytes[bit >> 3] ^= 1 << (bit & 7);
  writeFileSync(path, bytes);
  try {
    return await act();
  } finally {
    writeFileSync(path, whole);
  }
}

/** What a job does not read, or writes again before it starts. */
const unread = /^(log\.txt|lock|progress\.json)$|^verified\./;

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !unread.test(name) && statSync(join(folder, name)).size > 0)
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

/** Reads a file of a finished job as its readers do. @throws StrataError that names the file */
async function readAsJobsDo(job: Job, name: string): Promise<void> {
  const folder = jobFolder(store, job.id);
  if (name === "journal.jsonl") {
    if (job.kind === "train")
      readSteps(join(folder, name), (finished.get(job.id)!.result as { steps: number }).steps, "");
    // Other journals are only read by their own job when it resumes.
    else throw new Error(join(folder, name));
  } else if (name === "job.json") await execute(folder);
  else await verifyOutputs(store, job.id, ".");
}

const execution = { device: "cpu", instructions: "auto", threads: 1 } as const;

/** @param stop  aborts the job as soon as this file exists */
async function execute(folder: string, stop: string | null = null): Promise<readonly string[]> {
  const notes: string[] = [];
  const interruption = new AbortController();
  const timer = setInterval(() => stop !== null && existsSync(stop) && interruption.abort(), 1);
  try {
    await executeJob(folder, jobKinds, execution, interruption.signal, (line) => notes.push(line));
  } finally {
    clearInterval(timer);
  }
  return notes;
}

test("a flipped bit in any file of a finished run is found, and the file is named", async () => {
  const files = plan.jobs.flatMap((job) => filesOf(jobFolder(store, job.id)).map((name) => ({ job, name })));
  expect(files.length).toBeGreaterThan(40);
  const random = randomNumbers(1);
  let found = 0;
  for (let i = 0; i < 240; i++) {
    const { job, name } = files[i % files.length];
    const path = join(jobFolder(store, job.id), name);
    const error = await withFlippedBit(path, random(), () =>
      readAsJobsDo(job, name).then(
        () => null,
        (thrown: unknown) => String(thrown),
      ),
    );
    if (error !== null) found++;
    // The title and the other members of job.json that are not part of the id change no output.
    if (error !== null || name !== "job.json") expect(error, `${path} ${i}`).toContain(path);
  }
  expect(found).toBeGreaterThan(220);
});

test("a flipped bit in weights is found without the record of the job, by the checksums in the file", async () => {
  const random = randomNumbers(2);
  const files = plan.jobs.flatMap(({ id }) =>
    filesOf(jobFolder(store, id))
      .filter((name) => name.endsWith(".safetensors"))
      .map((name) => join(jobFolder(store, id), name)),
  );
  expect(files.length).toBeGreaterThan(4);
  const read = (path: string) => openSafetensors(path).tensors.forEach(verifyTensor);
  for (const path of files) {
    read(path);
    const header = readFileSync(path).readBigUInt64LE();
    const start = readFileSync(path).indexOf(checksumsKey);
    const size = statSync(path).size;
    for (let i = 0; i < 30; i++) {
      // Half of the bits are in the header. A file whose key of the checksums is flipped is one without checksums.
      const at = i % 2 === 0 ? random() : (random() * (8 + Number(header))) / size;
      const byte = Math.floor(at * size);
      if (byte >= start && byte < start + checksumsKey.length) continue;
      await withFlippedBit(path, at, () => expect(() => read(path), `${path} byte ${byte}`).toThrow(path));
    }
  }
});

test(
  "a job that was interrupted and has a flipped bit in a file says which, or ends with the same bytes",
  { timeout: 300_000 },
  async () => {
    const random = randomNumbers(3);
    const outcomes: Record<string, number> = { named: 0, same: 0, noted: 0 };
    const [[vanilla]] = plan.strategies[0].parts;
    const kinds = new Set<string>();
    for (const job of [vanilla, ...plan.jobs]) {
      if (kinds.has(job.kind)) continue;
      kinds.add(job.kind);
      const folder = jobFolder(store, job.id);
      const whole = `${folder}.whole`;
      cpSync(folder, whole, { recursive: true });
      await interrupt(job, folder);
      const interrupted = `${folder}.interrupted`;
      cpSync(folder, interrupted, { recursive: true });
      for (const name of filesOf(interrupted).flatMap((one) => [one, one, one])) {
        rmSync(folder, { recursive: true });
        cpSync(interrupted, folder, { recursive: true });
        const path = join(folder, name);
        const bytes = readFileSync(path);
        const bit = Math.floor(random() * 8 * bytes.length);
        bytes[bit >> 3] ^= 1 << (bit & 7);
        writeFileSync(path, bytes);
        try {
          const notes = await execute(folder);
          expect(readDone(store, job.id)?.outputs, `${path} bit ${bit}`).toEqual(finished.get(job.id)!.outputs);
          outcomes[notes.some((note) => note.includes(path)) ? "noted" : "same"]++;
        } catch (error) {
          expect(String(error), `${path} bit ${bit}`).toContain(path);
          outcomes.named++;
        }
      }
      rmSync(folder, { recursive: true });
      cpSync(whole, folder, { recursive: true });
    }
    expect(kinds.size).toBeGreaterThan(5);
    expect(outcomes.named).toBeGreaterThan(5);
    expect(outcomes.noted).toBeGreaterThan(1);
  },
);

/** Training stops after a checkpoint; other jobs look as if they were killed before their record was written. */
async function interrupt(job: Job, folder: string): Promise<void> {
  if (job.kind !== "train") return rmSync(join(folder, "done.json"));
  for (const name of readdirSync(folder)) if (name !== "job.json") rmSync(join(folder, name), { recursive: true });
  await expect(execute(folder, join(folder, "snapshots/50/tokenizer.json"))).rejects.toThrow("an interruption");
  expect(existsSync(join(folder, "checkpoint.safetensors"))).toBe(true);
}
