import type { Strategy } from "../strategy.js";

/** A named strategy for a model with this many layers. */
export type StrategyPreset = (layers: number) => Omit<Strategy, "name">;
