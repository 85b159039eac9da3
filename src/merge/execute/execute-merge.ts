import { dirname, join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { createFolder } from "../../files/create-folder.js";
import { StrataError } from "../../errors/strata-error.js";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { crcOf } from "../../files/crc32.js";
import { attributionOf, type Attribution } from "../attribution/attribution.js";
import { writeMergeRecord } from "../attribution/attribution-files.js";
import type { TensorAttribution } from "../attribution/tensor-attribution.js";
import type { MergeKernels } from "../core/kernels.js";
import type { RandomStream } from "../core/random-stream.js";
import type { Transfers } from "../core/transfers.js";
import { createInputMemory } from "../inputs/input-memory.js";
import { createReadAhead } from "../inputs/read-ahead.js";
import type { MergePlan, PlannedTensor } from "../plan/merge-plan.js";
import { tensorsOf } from "../plan/tensor-to-merge.js";
import { writeOtherFiles } from "../output/write-other-files.js";
import { countedStream } from "./counted-stream.js";
import { copiedChunks, mergedChunks } from "./merge-tensor-chunks.js";
import {
  appendMergeJournal,
  identityOf,
  readMergeJournal,
  startMergeJournal,
  type DoneTensor,
} from "./merge-journal.js";
import { createFlusher } from "./flusher.js";
import { hasShardFile, openShardFile, type ShardFile } from "./shard-file.js";
import { checkOutput, openWorkFolder, type WorkFolder } from "./work-folder.js";

export interface MergeProgress {
  readonly tensor: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ExecuteOptions {
  readonly kernels: MergeKernels;
  readonly transfers: Transfers;
  /** The stream of the plan's seed, from its start. */
  readonly random: RandomStream;
  readonly signal?: AbortSignal;
  onProgress?(progress: MergeProgress): void;
}

export interface MergeSummary {
  readonly tensors: number;
  /** Tensors that a killed merge had written. */
  readonly resumed: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly notes: readonly string[];
  /** Which share of each model's change arrived. */
  readonly attribution: Attribution;
}

/**
 * Writes the output of a plan into a temporary folder and renames it at the end. A merge that was killed resumes after
 * its last complete tensor.
 *
 * @throws StrataError; then the output does not exist, and what was written is kept only if the same command can resume
 */
export async function executeMerge(plan: MergePlan, out: string, options: ExecuteOptions): Promise<MergeSummary> {
  const target = resolve(out);
  checkOutput(target);
  createFolder(dirname(target));
  const started = performance.now();
  const work = openWorkFolder(target);
  try {
    const { resumed, notes, records } = await writeWeights(plan, work, options);
    const attribution = attributionOf(records);
    writeIndex(plan, work.path);
    writeMergeRecord(plan, attribution, work.path);
    await writeOtherFiles(plan, attribution, work.path, target);
    work.finish();
    const seconds = (performance.now() - started) / 1000;
    return {
      tensors: plan.tensors.length,
      resumed,
      bytes: plan.totalBytes,
      seconds,
      notes: [...new Set([...plan.notes, ...notes])],
      attribution,
    };
  } catch (error) {
    work.release(error instanceof StrataError && error.kind !== "FileError");
    throw error;
  }
}

async function writeWeights(
  plan: MergePlan,
  work: WorkFolder,
  options: ExecuteOptions,
): Promise<{ resumed: number; notes: readonly string[]; records: readonly TensorAttribution[] }> {
  const { kernels, transfers, onProgress, signal } = options;
  const notes = new Set<string>();
  const done = resumable(plan, work, (line) => void notes.add(line));
  const finished = new Set(done.map(({ tensor }) => tensor));
  const checksums = new Map(done.map(({ tensor, checksum }) => [tensor, checksum]));
  const random = countedStream(options.random);
  random.skip(done.at(-1)?.random ?? 0);
  const shards = plan.shards.map((shard) => openShardFile(work.path, shard, transfers));
  const shardOf = new Map(
    plan.shards.flatMap(({ tensors }, i) => tensors.map((tensor) => [tensor, shards[i]] as const)),
  );
  const memory = createInputMemory();
  const readAhead = createReadAhead(
    plan.sequence
      .filter(({ name }) => !finished.has(name))
      .map((tensor) => (tensor.kind === "copy" ? [tensor.source] : tensorsOf(tensor))),
  );
  for (const entry of done) entry.notes.forEach((text) => notes.add(text));
  const records = done.flatMap(({ attribution }) => attribution ?? []);
  const flusher = createFlusher(
    shards.map(({ path }) => path),
    (count) => appendMergeJournal(work.journal, { flushed: count }),
  );
  let doneBytes = 0;
  try {
    for (const tensor of plan.sequence) {
      doneBytes += tensor.byteLength;
      if (finished.has(tensor.name)) continue;
      const own: string[] = [];
      const { config, isCompatible } = plan;
      const tools = {
        config,
        isCompatible,
        kernels,
        random,
        memory,
        readAhead,
        note: (text: string) => void own.push(text),
      };
      let attribution: TensorAttribution | null = null;
      const chunks =
        tensor.kind === "copy"
          ? copiedChunks(tensor)
          : mergedChunks(tensor, tools, (record) => void records.push((attribution = record)));
      const checksum = writeTensor(tensor, shardOf.get(tensor) as ShardFile, chunks, signal);
      plan.files.verify();
      checksums.set(tensor.name, checksum);
      appendMergeJournal(work.journal, {
        tensor: tensor.name,
        checksum,
        random: random.count,
        notes: own,
        attribution,
      });
      own.forEach((text) => notes.add(text));
      finished.add(tensor.name);
      await flusher.wrote(tensor.byteLength, finished.size);
      onProgress?.({ tensor: tensor.name, doneBytes, totalBytes: plan.totalBytes });
      await setImmediate();
      signal?.throwIfAborted();
    }
    shards.forEach((shard) => shard.finish(checksums));
    await flusher.finish();
  } finally {
    await flusher.settled();
    shards.forEach((shard) => shard.close());
  }
  return { resumed: done.length, notes: [...notes], records };
}

/** What a killed merge has written; otherwise an empty folder with a new journal. */
function resumable(plan: MergePlan, work: WorkFolder, note: (line: string) => void): readonly DoneTensor[] {
  const identity = identityOf(plan);
  const done = readMergeJournal(work.journal, identity, note) ?? [];
  const isWhole = plan.shards.every((shard) => hasShardFile(work.path, shard));
  if (!isWhole) work.clear();
  const kept = isWhole ? done : [];
  startMergeJournal(work.journal, identity, kept);
  return kept;
}

/** While a chunk is written, the next one is merged. @returns the CRC-32 of the tensor */
function writeTensor(
  tensor: PlannedTensor,
  shard: ShardFile,
  chunks: Iterable<Uint8Array>,
  signal?: AbortSignal,
): number {
  let [written, checksum] = [0, 0];
  let finish = () => {};
  try {
    for (const bytes of chunks) {
      signal?.throwIfAborted();
      finish();
      finish = shard.write(tensor.name, written, bytes);
      checksum = crcOf(bytes, checksum);
      written += bytes.byteLength;
    }
  } finally {
    finish();
  }
  if (written !== tensor.byteLength) {
    throw new Error(`${tensor.name}: the method returned ${written} bytes instead of ${tensor.byteLength}`);
  }
  return checksum;
}

function writeIndex({ shards, totalBytes }: MergePlan, folder: string): void {
  if (shards.length === 1) return;
  const map = shards.flatMap(({ name, tensors }) => tensors.map((tensor) => [tensor.name, name]));
  writeJsonAtomic(join(folder, "model.safetensors.index.json"), {
    metadata: { total_size: totalBytes },
    weight_map: Object.fromEntries(map) as Record<string, string>,
  });
}
