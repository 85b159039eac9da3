import type { NativeAddon } from "./native-addon.js";

export interface InstructionSetReport {
  readonly name: string;
  readonly available: boolean;
  /** Why it is refused. */
  readonly reason: string | null;
}

/** Fastest first. Those that were not compiled for this processor's family are refused as well. */
export const instructionSets = ["avx512bf16", "avx512", "avx2", "portable"] as const;

export function reportInstructionSets(addon: NativeAddon): readonly InstructionSetReport[] {
  return instructionSets.map((name) => {
    const available = addon.isAvailable(name);
    return { name, available, reason: available ? null : `this processor does not have ${name}` };
  });
}
