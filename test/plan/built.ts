import { buildStrategy } from "../../src/plan/build-strategy.js";
import { findPreset } from "../../src/plan/presets/presets.js";
import type { StrategyPreset, StrategyTemplate } from "../../src/plan/presets/preset.js";
import type { Strategy } from "../../src/plan/strategy.js";
import { llama1b } from "./llama-1b.js";

/** A preset, with changes, for a model of this depth with the widths of Llama 3.2 1B, and a batch of 8 sequences. */
export function builtPreset(name: string, layers = 16, changes: Partial<StrategyTemplate> = {}, workers = 4): Strategy {
  const context = { layers, workers, batchSize: 8, learningRate: 0.001, epochs: 1 };
  const { template } = findPreset(name) as StrategyPreset;
  return buildStrategy(name, { ...template(context), ...changes }, context, { ...llama1b, layers });
}
