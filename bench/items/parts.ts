import { freemem } from "node:os";
import type { ComputeDType } from "#strata/device/kernels.js";
import { memoryOfParts, trainingMemoryBytes } from "#strata/plan/memory.js";
import type { Window } from "#strata/model/config/window.js";
import { bytesPerElement } from "#strata/tensor/dtype.js";
import { defaultMicroBatch } from "#strata/train/micro-batch.js";
import type { BenchOptions } from "../compare.js";
import type { Figure } from "../figure.js";
import { ours } from "../programs.js";
import { startSession, type Session } from "../session.js";
import { sizes } from "../sizes.js";
import { trainingWork } from "../workloads.js";
import type { Item } from "./item.js";
import { stepComparison } from "./training.js";

const windows: readonly Window[] = [0, 4, 8, 12].map((first) => ({ first, end: first + 4, embeddings: false }));

/**
 * Peak memory of four processes that each train a quarter of B's layers, over the mean of one alone; shared pages are
 * counted once. Trained state is not shared: it is the largest share of memory unless `offload` keeps it on disk.
 */
export const partsItem: Item = {
  name: "parts-4",
  what: "memory of four processes that train windows of B at the same time, over that of one",
  isHeavy: true,
  async measure(bench) {
    const mode = await bench.fastestOwnMode(await stepComparison("B", windows[0]));
    if (mode === null) throw new Error("parts-4: no mode of training works");
    const figures: Figure[] = [];
    for (const offload of [false, true]) {
      requireMemory(mode as ComputeDType, offload);
      const alone: number[] = [];
      for (const window of windows) alone.push(await memoryTogether(bench.options, mode, [window], offload));
      const one = alone.reduce((sum, bytes) => sum + bytes, 0) / alone.length;
      const four = await memoryTogether(bench.options, mode, windows, offload);
      const name = offload ? "parts-4-offload" : "parts-4-memory";
      figures.push({
        name,
        unit: "GB",
        ours: four / 1e9,
        peer: one / 1e9,
        ratio: four / one,
        ourMode: mode,
        peerMode: "one process",
      });
    }
    return figures;
  },
};

/** Duration of the steps during which memory is watched. */
const watchedSeconds = 20;
const millisecondsBetweenSamples = 20;

/** Largest sum of the proportional resident memory of processes that take steps at the same time, in bytes. */
async function memoryTogether(
  { device, threads, onProgress }: BenchOptions,
  mode: string,
  together: readonly Window[],
  offload: boolean,
): Promise<number> {
  const size = sizes.B;
  const sessions: Session[] = [];
  try {
    for (const window of together)
      sessions.push(
        await startSession(ours, { ...(await trainingWork(size, window)), offload, mode, threads, device }),
      );
    let isRunning = true;
    const steps = Promise.all(sessions.map((session) => session.measure(watchedSeconds))).finally(
      () => (isRunning = false),
    );
    let peak: readonly number[] = [0];
    while (isRunning) {
      const bytes = sessions.map((session) => session.memory()?.proportional ?? Number.NaN);
      if (!(sum(bytes) <= sum(peak))) peak = bytes;
      await new Promise((resolve) => setTimeout(resolve, millisecondsBetweenSamples));
    }
    await steps;
    onProgress(`parts-4: ${together.length} together: ${peak.map((own) => (own / 1e9).toFixed(2)).join(" + ")} GB`);
    return sum(peak);
  } finally {
    for (const session of sessions) await session.close();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

/**
 * @throws Error if four processes, which share the file of weights, do not fit: the system might kill other processes
 */
function requireMemory(computeDType: ComputeDType, offload: boolean): void {
  const { config, B, T } = sizes.B;
  const stored = bytesPerElement(sizes.B.stored);
  const parts = windows.map((window) => {
    const { total } = trainingMemoryBytes(config, window, defaultMicroBatch(B, T), T, stored, computeDType, {
      activationCheckpointing: false,
      offload,
      optimizer: "adamw",
      tailAverage: 0,
    });
    return { window, memoryBytes: total, start: "B" };
  });
  const wanted = memoryOfParts(config, stored, parts);
  if (freemem() >= wanted) return;
  throw new Error(
    `parts-4 needs ${(wanted / 1e9).toFixed(1)} GB of free memory; this machine has ${(freemem() / 1e9).toFixed(1)} GB`,
  );
}
