import { loadAddon } from "../../../device/cpu/native-addon.js";
import { setOf } from "../../../device/cpu/instruction-sets.js";
import type { Instructions } from "../../../device/instructions.js";
import type { MergeKernels } from "../kernels.js";
import { directTransfers, type Transfers } from "../transfers.js";
import { nativeMergeKernels } from "./native-kernels.js";
import { referenceMergeKernels } from "./reference-kernels.js";

export interface OpenedKernels {
  readonly kernels: MergeKernels;
  readonly transfers: Transfers;
  /** Why merging is slow; null if the addon is used. */
  readonly reason: string | null;
}

/** The kernels in C++ on this many threads; those in TypeScript, with the reason, where there is no addon. */
export function openMergeKernels(threads: number, instructions: Instructions = "auto"): OpenedKernels {
  const loaded = loadAddon();
  if (loaded.addon === null)
    return { kernels: referenceMergeKernels, transfers: directTransfers, reason: loaded.reason };
  return { ...nativeMergeKernels({ threads, instructionSet: setOf(instructions) }), reason: null };
}
