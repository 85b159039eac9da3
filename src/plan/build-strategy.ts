import type { StrategyMerge } from "../merge/settings.js";
import type { ModelConfig } from "../model/config/model-config.js";
import type { Window } from "../model/config/window.js";
import type { DataShares, PresetContext, RoundTemplate, StrategyTemplate } from "./presets/preset.js";
import type { Round, Strategy } from "./strategy.js";
import { stepCost } from "./time.js";

/** The paper merges pairs by SLERP, with weight 0.8 for the side that trained a layer if the other did not. */
export const defaultMerge: StrategyMerge = {
  method: "slerp",
  trainedShare: 0.8,
  density: 1,
  lambda: 1,
  outerOptimizer: null,
};

/** A strategy for a model and a number of workers. */
export function buildStrategy(
  name: string,
  template: StrategyTemplate,
  context: PresetContext,
  config: ModelConfig,
): Strategy {
  const rounds = buildRounds(template, context);
  return {
    name,
    rounds,
    keepOptimizerState: template.keepOptimizerState ?? true,
    amount: template.amount ?? 1,
    exchange: template.exchange ?? "f32",
    dataShares: shareData(template.dataShares ?? "equal", rounds, context.workers, config),
  };
}

function buildRounds(template: StrategyTemplate, context: PresetContext): readonly Round[] {
  const { rounds } = template;
  const written: readonly RoundTemplate[] = typeof rounds === "number" ? [{ repeat: rounds, share: 1 }] : rounds;
  const all = written.flatMap((round) => Array.from({ length: round.repeat }, () => round));
  const weight = (until: number) => all.slice(0, until).reduce((sum, { share }) => sum + share, 0);
  return all.map((round, r): Round => {
    const windows = rotated((round.windows ?? template.windows)(context, r), template.rotate ?? false, r);
    return {
      windows,
      reads: windows.length === 1 ? (template.reads ?? "all") : "own",
      from: weight(r) / weight(all.length),
      to: weight(r + 1) / weight(all.length),
      merge: { ...defaultMerge, ...template.merge, ...round.merge },
      training: { ...template.training, ...round.training },
    };
  });
}

/** With `rotate`, worker i trains windows[(i + r) mod P] in round r. */
function rotated(windows: readonly Window[], rotate: boolean, round: number): readonly Window[] {
  return rotate ? windows.map((_, worker) => windows[(worker + round) % windows.length]) : windows;
}

/** Worker i's share of the data: with `cost` in inverse proportion to the cost of all its windows. */
function shareData(
  written: DataShares,
  rounds: readonly Round[],
  workers: number,
  config: ModelConfig,
): readonly number[] {
  if (written === "equal") return equalShares(workers);
  const weights = written === "cost" ? costWeights(rounds, workers, config) : written;
  const sum = weights.reduce((a, b) => a + b, 0);
  const shares = weights.map((weight) => weight / sum);
  // But for rounding equal shares are the equal ones, so that their shards are the same job.
  return shares.every((share) => Math.abs(share * workers - 1) < 1e-9) ? equalShares(workers) : shares;
}

/** Equal for a strategy in which a single worker trains all rounds. */
function costWeights(rounds: readonly Round[], workers: number, config: ModelConfig): readonly number[] {
  const shared = rounds.filter(({ windows }) => windows.length === workers);
  if (shared.length === 0) return equalShares(workers);
  return Array.from({ length: workers }, (_, worker) => {
    const costs = shared.map(({ windows, from, to }) => (to - from) * stepCost(config, windows[worker]));
    return 1 / costs.reduce((a, b) => a + b, 0);
  });
}

export function equalShares(shards: number): readonly number[] {
  return Array.from({ length: shards }, () => 1 / shards);
}
