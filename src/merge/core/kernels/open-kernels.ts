import { loadAddon } from "../../../device/cpu/native-addon.js";
import type { MergeKernels } from "../kernels.js";
import { nativeMergeKernels } from "./native-kernels.js";
import { referenceMergeKernels } from "./reference-kernels.js";

export interface OpenedKernels {
  readonly kernels: MergeKernels;
  /** Why merging is slow; null if the addon is used. */
  readonly reason: string | null;
}

/** The kernels in C++ on this many threads; those in TypeScript, with the reason, where there is no addon. */
export function openMergeKernels(threads: number): OpenedKernels {
  const loaded = loadAddon();
  if (loaded.addon === null) return { kernels: referenceMergeKernels, reason: loaded.reason };
  return { kernels: nativeMergeKernels(loaded.addon, { threads }), reason: null };
}
