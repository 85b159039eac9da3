import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ShardReader } from "#strata/corpus/shards/batches.js";
import { openDevice } from "#strata/device/open-device.js";
import { mergeModels } from "#strata/merge/merge.js";
import { randomInteger, randomKey } from "#strata/tensor/random.js";
import { trainPart } from "#strata/train/train-part.js";
import { median } from "../median.js";
import { modelFolder } from "../model-folder.js";
import { buildFolder } from "../paths.js";
import { sizes, type Size } from "../sizes.js";
import { trainingWork, wholeWindow } from "../workloads.js";
import type { Item } from "./item.js";

/** Steps of a round whose overhead is reported. */
const stepsOfRound = 30;
/** Steps that are taken to measure one. */
const measuredSteps = 4;
const parts = 4;
const longestShare = 0.05;

/**
 * What a round of four full parts of M costs beyond its steps, in the recorded seconds: loading the model and the
 * moments, saving both, and the merge with an outer step; as a share of a round of 30 steps. Strata only.
 */
export const roundsItem: Item = {
  name: "rounds-M",
  what: "share of a round of 30 steps of M that is not steps: loading, saving, merging; at most 5 %",
  async measure({ options: { threads, onProgress } }) {
    const size = sizes.M;
    const folder = join(buildFolder, "rounds-M");
    rmSync(folder, { recursive: true, force: true });
    const start = await modelFolder(size.name, size.config, size.stored);
    const first = await part(size, start, null, join(folder, "0"), threads);
    const second = await part(size, join(folder, "0", "model"), moments(folder, 0), join(folder, "1"), threads);
    const merge = await mergeSeconds(size, folder);
    rmSync(folder, { recursive: true, force: true });
    onProgress(
      `rounds-M: step ${second.step.toFixed(2)} s; beyond the steps ${first.beyond.toFixed(2)} s without moments, ` +
        `${second.beyond.toFixed(2)} s with; merge ${merge.toFixed(2)} s`,
    );
    const beyond = second.beyond + merge;
    const share = beyond / (stepsOfRound * second.step + beyond);
    return [
      {
        name: "rounds-M",
        unit: "of a round",
        ours: share,
        peer: longestShare,
        ratio: share / longestShare,
        ourMode: "bf16",
        peerMode: "limit",
      },
    ];
  },
};

const moments = (folder: string, round: number) => join(folder, String(round), "moments.safetensors");

/** Seconds of a step, and of a part beyond its steps. */
async function part(size: Size, start: string, previous: string | null, folder: string, threads: number) {
  const { settings, window } = await trainingWork(size, wholeWindow(size));
  const { seconds } = await trainPart({
    device: await openDevice("cpu", threads, "bf16"),
    start,
    window,
    data: randomShard(size),
    settings,
    execution: {
      checkpointMinutes: null,
      checkpointSteps: null,
      activationCheckpointing: false,
      offload: false,
      prefixCacheGigabytes: 0,
    },
    steps: measuredSteps,
    stepsBefore: previous === null ? 0 : measuredSteps,
    stepsOfSchedule: 2 * measuredSteps,
    snapshots: [],
    previous,
    keepsMoments: true,
    folder,
    identity: folder,
    signal: new AbortController().signal,
  });
  const lines = readFileSync(join(folder, "journal.jsonl"), "utf8").trim().split("\n");
  const at = lines.map((line) => (JSON.parse(line) as { seconds: number }).seconds);
  const step = median(at.slice(1).map((time, i) => time - at[i]));
  return { step, beyond: seconds - measuredSteps * step };
}

function randomShard({ config, T }: Size): ShardReader {
  const key = randomKey(1, "rounds");
  return {
    tokens: 1e6,
    sequences: Math.floor((1e6 - 1) / T),
    batch(sequence, B) {
      const id = (i: number) => randomInteger(key, sequence * T + i, config.vocabSize);
      const ids = Int32Array.from({ length: B * T }, (_, i) => id(i));
      return { B, T, ids, targets: ids.map((_, i) => id(i + 1)), firstVisible: new Int32Array(B * T) };
    },
  };
}

async function mergeSeconds(size: Size, folder: string): Promise<number> {
  const started = performance.now();
  await mergeModels({
    base: join(folder, "0", "model"),
    parts: Array.from({ length: parts }, () => ({ folder: join(folder, "1", "model"), window: wholeWindow(size) })),
    settings: {
      method: "union",
      trainedShare: 0.8,
      density: 1,
      lambda: 1,
      outerOptimizer: { method: "nesterov", learningRate: 0.7, momentum: 0.7 },
    },
    folder: join(folder, "merged"),
    momentum: null,
  });
  return (performance.now() - started) / 1000;
}
