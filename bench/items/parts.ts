import { freemem } from "node:os";
import type { ProductType } from "#strata/device/kernels.js";
import { totalParameters, trainableParameters, trainingMemoryBytes } from "#strata/model/cost.js";
import type { Window } from "#strata/model/parameters.js";
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

/** Four windows of so many layers. */
function windowsOf(layers: number): readonly Window[] {
  return [0, 4, 8, 12].map((first) => ({ first, end: first + layers, outer: false }));
}

/**
 * Memory of four processes that train a window of B each, over the mean of one alone; pages they share are counted once. The
 * fewer layers a window has, the more of its memory is shared.
 */
export const partsItem: Item = {
  name: "parts-4",
  what: "memory of four processes training windows of B at a time over that of one",
  isHeavy: true,
  async measure(bench) {
    const mode = await bench.fastestOwnMode(await stepComparison("B", windowsOf(4)[0]));
    if (mode === null) throw new Error("parts-4: no mode of training works");
    const figures: Figure[] = [];
    for (const layers of [4, 1]) {
      const windows = windowsOf(layers);
      requireMemory(windows, mode as ProductType);
      const alone: number[] = [];
      for (const window of windows) alone.push(await memoryTogether(bench.options, mode, [window]));
      const one = alone.reduce((sum, bytes) => sum + bytes, 0) / alone.length;
      const four = await memoryTogether(bench.options, mode, windows);
      const name = `parts-4-of-${layers}`;
      figures.push({ name, unit: "GB", ours: four / 1e9, peer: one / 1e9, ratio: four / one, ourMode: mode, peerMode: "one process" });
    }
    return figures;
  },
};

/** Proportional resident memory of processes that each have taken their steps, in bytes. */
async function memoryTogether({ threads, onProgress }: BenchOptions, mode: string, together: readonly Window[]): Promise<number> {
  const size = sizes.B;
  const sessions: Session[] = [];
  try {
    for (const window of together) sessions.push(await startSession(ours, { ...(await trainingWork(size, window)), mode, threads }));
    // Every process touches its memory again, so that what is counted is in use.
    await Promise.all(sessions.map((session) => session.measure(0)));
    const bytes = sessions.map((session) => session.memory()?.proportional ?? Number.NaN);
    onProgress(`parts-4: ${together.length} at a time: ${bytes.map((own) => (own / 1e9).toFixed(2)).join(" + ")} GB`);
    return bytes.reduce((sum, own) => sum + own, 0);
  } finally {
    for (const session of sessions) await session.close();
  }
}

/** @throws Error if four processes, which share the weights' file, would not fit: the system would end others for them */
function requireMemory(windows: readonly Window[], products: ProductType): void {
  const { config, B, T, stored } = sizes.B;
  const all = totalParameters(config);
  const own = windows.reduce((sum, window) => {
    const frozen = bytesPerElement(stored) * (all - trainableParameters(config, window));
    return sum + trainingMemoryBytes(config, window, defaultMicroBatch(B, T), T, bytesPerElement(stored), products, false).total - frozen;
  }, 0);
  const wanted = own + bytesPerElement(stored) * all;
  if (freemem() >= wanted) return;
  throw new Error(`parts-4 needs ${(wanted / 1e9).toFixed(1)} GB of free memory; this machine has ${(freemem() / 1e9).toFixed(1)} GB`);
}
