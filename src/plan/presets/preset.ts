import type { Strategy } from "../strategy.js";

/** A strategy for a model with this number of layers. */
export type StrategyPreset = (layers: number) => Omit<Strategy, "name">;
