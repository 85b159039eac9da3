import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { deviceReport } from "../../src/device/open-device.js";
import { trainingMemoryBytes } from "../../src/plan/memory.js";
import type { Window } from "../../src/model/config/window.js";
import { picoConfig, picoModel } from "../model/pico.js";
import { temporaryFolder } from "../temporary-folder.js";
import type { StateSettings } from "../../src/train/state-elements.js";
import { plainAdamW } from "./adamw.js";

const config = {
  ...picoConfig,
  vocabSize: 32768,
  hiddenSize: 256,
  layers: 4,
  attentionHeads: 4,
  keyValueHeads: 2,
  headDim: 64,
  intermediateSize: 1024,
};
const [B, T] = [1, 512];
const cpu = (await deviceReport()).find(({ name }) => name === "cpu");
const canMeasure = cpu?.available === true && existsSync("/proc/self/status");
const skipped = canMeasure
  ? ""
  : ` (skipped: ${cpu?.available ? "needs Linux, whose /proc reports the peak" : cpu?.reason})`;
let folder: string;

beforeAll(async () => {
  if (canMeasure) ({ folder } = await picoModel(config, 1, "bf16"));
});

// With offload so little memory is used that the process's own share, which the plan rounds up, is visible.
const muon = { optimizer: "muon", tailAverage: 0.5 } as const;

it.skipIf(!canMeasure).each<[string, number, Window, boolean, StateSettings?]>([
  ["everything", 0.1, { first: 0, end: 4, embeddings: true }, false],
  ["one layer", 0.1, { first: 2, end: 3, embeddings: false }, false],
  ["everything with offload", 0.25, { first: 0, end: 4, embeddings: true }, true],
  ["three layers with offload", 0.25, { first: 1, end: 4, embeddings: false }, true],
  ["everything by Muon with a mean", 0.1, { first: 0, end: 4, embeddings: true }, false, muon],
  ["three layers by Muon with a mean and offload", 0.25, { first: 1, end: 4, embeddings: false }, true, muon],
])(
  `training %s uses the memory that the plan states, within a share of %f${skipped}`,
  (_name, limit, window, offload, state = plainAdamW) => {
    const args = [
      join(import.meta.dirname, "train-once.mjs"),
      folder,
      join(temporaryFolder(), "part"),
      JSON.stringify({ window, offload, B, T, computeDType: "bf16", ...state }),
    ];
    const peak = Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
    const savings = { activationCheckpointing: false, offload, ...state };
    const { total } = trainingMemoryBytes(config, window, B, T, 2, "bf16", savings);
    const figures = `${(peak / 1e6).toFixed(0)} MB against ${(total / 1e6).toFixed(0)} MB`;
    expect(Math.abs(peak / total - 1), figures).toBeLessThan(limit);
  },
  60_000,
);
