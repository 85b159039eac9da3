// Trains a window of a model for two steps in this process and prints its peak resident memory.
// node test/train/train-once.mjs MODEL OUT JSON, after npm run build
import { readFileSync } from "node:fs";
import { openDevice } from "../../dist/device/open-device.js";
import { trainPart } from "../../dist/train/train-part.js";

const [start, folder, text] = process.argv.slice(2);
const { window, offload, B, T, computeDType, optimizer, tailAverage } = JSON.parse(text);
const batch = () => {
  const ids = Int32Array.from({ length: B * T }, (_, n) => (n * 7919) % 1000);
  return { B, T, ids, targets: ids.map((id) => (id + 1) % 1000), firstVisible: new Int32Array(B * T) };
};
await trainPart({
  device: await openDevice("auto", 1, computeDType),
  start,
  window,
  data: { sequences: 100, batch },
  steps: 2,
  stepsBefore: 0,
  stepsOfSchedule: 2,
  settings: {
    sequenceLength: T,
    batchSize: B,
    microBatchSize: B,
    learningRate: 1e-4,
    schedule: "constant",
    warmup: 0,
    decay: 0,
    finalLearningRate: 0,
    weightDecay: 0.1,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    maxGradNorm: 1,
    optimizer,
    momentum: 0.95,
    muonScaling: "match-rms-adamw",
    muonBlockRows: null,
    tailAverage,
  },
  execution: {
    checkpointSteps: null,
    checkpointMinutes: null,
    activationCheckpointing: false,
    offload,
    prefixCacheGigabytes: 0,
  },
  snapshots: [],
  previous: null,
  keepsMoments: true,
  folder,
  identity: "one",
  signal: new AbortController().signal,
});
console.log(1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]));
