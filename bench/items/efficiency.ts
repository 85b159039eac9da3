import { forwardFlopsPerToken } from "#strata/model/config/parameter-counts.js";
import type { Bench, Side } from "../compare.js";
import { figureOf } from "../figure.js";
import { sizes } from "../sizes.js";
import { wholeWindow } from "../workloads.js";
import type { Item } from "./item.js";
import { matmulComparison } from "./matmul.js";
import { stepComparison } from "./training.js";

/**
 * Useful FLOP/s of the whole step (computeDType with matrices 6 per element and token, attention with half of its square,
 * backward twice the forward) over what the same side reaches in a large matrix product of the same precision.
 */
export const efficiencyItem: Item = {
  name: "efficiency-M",
  what: "useful FLOP/s of step-M over those of matmul-2048 in the same precision",
  async measure(bench) {
    const step = await bench.compare(await stepComparison("M", wholeWindow(sizes.M)));
    const ours = await shareOfPeak(bench, "ours", step.ours);
    const peer = await shareOfPeak(bench, "peer", step.peer);
    return [figureOf("efficiency-M", "of peak", ours, peer, step)];
  },
};

async function shareOfPeak(bench: Bench, side: "ours" | "peer", step: Side | null): Promise<number | null> {
  if (!step) return null;
  const product = (await bench.compare(matmulComparison(step.mode.endsWith("bf16") ? "bf16" : "f32")))[side];
  const { config, T } = sizes.M;
  return product && (3 * forwardFlopsPerToken(config, T) * step.rate) / product.rate;
}
