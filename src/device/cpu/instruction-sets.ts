import type { InstructionSetReport } from "../device-kind.js";
import type { NativeAddon } from "./native-addon.js";

export function reportInstructionSets({ instructionSets }: NativeAddon): readonly InstructionSetReport[] {
  return instructionSets.map(({ name, multipliesBf16, available }) => ({
    name,
    available,
    products: { f32: "hardware", bf16: multipliesBf16 ? "hardware" : "rounding" },
    reason: available ? null : `this processor does not support ${name}`,
  }));
}
