/** Instruction sets by which kernels multiply, or the fastest of the processor. Those that it lacks are emulated. */
export const instructionsNames = ["auto", "amx", "avx512bf16", "avx512", "avx2", "portable"] as const;

export type Instructions = (typeof instructionsNames)[number];

/** Whether a set can be chosen by name on every machine. */
export function isPinnable(name: string): boolean {
  return name !== "auto" && instructionsNames.some((one) => one === name);
}
