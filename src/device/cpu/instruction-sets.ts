import type { InstructionSetReport } from "../device-kind.js";
import type { NativeAddon } from "./native-addon.js";

/** The sets that native/compile.mjs compiles for each processor family, fastest first. */
const setsOfFamily: Readonly<Record<string, readonly string[]>> = {
  x64: ["avx512bf16", "avx512", "avx2", "portable"],
  arm64: ["neon"],
};

/** The sets of this processor's family, fastest first. */
export const instructionSets: readonly string[] = setsOfFamily[process.arch] ?? ["portable"];

export function reportInstructionSets(addon: NativeAddon): readonly InstructionSetReport[] {
  return instructionSets.map((name) => {
    const available = addon.isAvailable(name);
    return {
      name,
      available,
      products: { f32: "hardware", bf16: name === "avx512bf16" ? "hardware" : "rounding" },
      reason: available ? null : `this processor does not support ${name}`,
    };
  });
}
