import { numbersDiffer } from "../agreement.js";
import type { Comparison } from "../compare.js";
import { rateFigure } from "../figure.js";
import { matmulWork } from "../workloads.js";
import type { Item } from "./item.js";

export type Precision = "f32" | "bf16" | "f16";

export function matmulComparison(precision: Precision): Comparison {
  const name = `matmul-2048-${precision}`;
  return {
    name,
    work: matmulWork(precision),
    modes: { ours: [precision], peer: ["torch", "torch-onednn", ...(precision === "f32" ? ["numpy"] : [])] },
    key: name,
    seconds: 1,
    disagreement: numbersDiffer,
  };
}

export const matmulItems: readonly Item[] = (["f32", "bf16", "f16"] as const).map((precision) => ({
  name: `matmul-2048-${precision}`,
  what: `x · wᵀ of 2048 rows, inputs and outputs in ${precision}${precision === "f16" ? ", on a GPU" : ""}`,
  isHeavy: precision === "f16",
  measure: async (bench) => [
    rateFigure(`matmul-2048-${precision}`, "GF/s", 1e-9, await bench.compare(matmulComparison(precision))),
  ],
}));
