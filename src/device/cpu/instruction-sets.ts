import type { InstructionSetReport } from "../device-kind.js";
import type { NativeAddon } from "./native-addon.js";

/** What native/compile.mjs compiles for each family of processors. */
const setsOfFamily: Readonly<Record<string, readonly string[]>> = {
  x64: ["avx512bf16", "avx512", "avx2", "portable"],
  arm64: ["neon"],
};

/** Those compiled for this processor's family, fastest first. */
export const instructionSets: readonly string[] = setsOfFamily[process.arch] ?? ["portable"];

export function reportInstructionSets(addon: NativeAddon): readonly InstructionSetReport[] {
  return instructionSets.map((name) => {
    const available = addon.isAvailable(name);
    return {
      name,
      available,
      products: { f32: "hardware", bf16: name === "avx512bf16" ? "hardware" : "rounding" },
      reason: available ? null : `this processor does not have ${name}`,
    };
  });
}
