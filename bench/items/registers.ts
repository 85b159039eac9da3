import { rateFigure } from "../figure.js";
import type { Item } from "./item.js";

export const registersItem: Item = {
  name: "gpu-f32-rate",
  what: "multiply-adds in f32 in the registers of a GPU, the limit of its products; Strata only",
  isHeavy: true,
  measure: async (bench) => {
    const modes = { ours: ["f32"], peer: [] };
    const comparison = {
      name: "gpu-f32-rate",
      work: { kind: "registers" },
      modes,
      key: "registers",
      seconds: 1,
    } as const;
    const outcome = await bench.compare({ ...comparison, disagreement: () => null });
    return [rateFigure("gpu-f32-rate", "GF/s", 1e-9, outcome)];
  },
};
