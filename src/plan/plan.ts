import type { LlamaConfig } from "../model/config.js";
import { stepCost, totalParameters, trainableParameters, trainingMemoryBytes } from "../model/cost.js";
import type { Window } from "../model/parameters.js";
import { hashValue } from "../tensor/hash.js";
import { checkStrategy } from "./check-strategy.js";
import { expectedShares } from "./expected-shares.js";
import { windowOf, type Strategy } from "./strategy.js";

export interface PlanTraining {
  /** T */
  readonly sequenceLength: number;
  /** B, in sequences. */
  readonly batchSize: number;
  /** Passes over a worker's shard, or steps of every part; over all rounds. */
  readonly amount: { readonly epochs: number } | { readonly steps: number };
}

export interface PlanInput {
  readonly config: LlamaConfig;
  readonly strategies: readonly Strategy[];
  readonly tokensPerShard: readonly number[];
  readonly training: PlanTraining;
  /** Parts at a time. */
  readonly parallel: number;
  /** Of one part. */
  readonly threads: number;
  /** Of the start model's file: what a frozen weight takes in memory. */
  readonly storedBytesPerElement: number;
}

/** One part of one strategy. */
export interface PlannedPart {
  readonly strategy: string;
  readonly round: number;
  readonly worker: number;
  readonly window: Window;
  readonly layersTrained: number;
  readonly trainableParameters: number;
  /** Work per token relative to a step that trains everything. */
  readonly cost: number;
  readonly tokens: number;
  readonly memoryBytes: number;
  /** Equal for parts with the same start, window, data and amount: they are trained once. */
  readonly identity: string;
}

export interface PlannedStrategy {
  readonly name: string;
  readonly parts: number;
  /** Expected duration relative to training everything on all tokens: the slowest part of each round, summed; no merges. */
  readonly shareOfVanilla: number;
  /** The same with as many parts at a time as the plan allows. */
  readonly shareOfVanillaHere: number;
}

export interface Plan {
  readonly totalParameters: number;
  readonly totalTokens: number;
  readonly parts: readonly PlannedPart[];
  readonly strategies: readonly PlannedStrategy[];
  /** Parts that differ from one another. */
  readonly partsToTrain: number;
  /** Of the largest `parallel` different parts together. */
  readonly peakMemoryBytes: number;
  readonly parallel: number;
  readonly threads: number;
}

/** What the strategies will train, what it costs, and what they share. Pure: nothing is read or run. */
export function planRun(input: PlanInput): Plan {
  const { config, strategies, tokensPerShard, training, parallel, threads } = input;
  const planned = strategies.map((strategy) => ({ strategy, parts: planStrategy(strategy, input) }));
  const parts = planned.flatMap((one) => one.parts);
  const distinct = new Map(parts.map((part) => [part.identity, part]));
  const memory = [...distinct.values()].map(({ memoryBytes }) => memoryBytes).sort((a, b) => b - a);
  const shards = tokensPerShard.map((_, i) => i);
  const everything = { first: 0, end: config.layers, outer: true };
  const vanillaWork = trainedTokens(shards, 1, tokensPerShard, training) * stepCost(config, everything);
  return {
    totalParameters: totalParameters(config),
    totalTokens: tokensPerShard.reduce((a, b) => a + b, 0),
    parts,
    strategies: planned.map(({ strategy, parts: own }) => ({
      name: strategy.name, parts: own.length, ...expectedShares(own, vanillaWork, parallel),
    })),
    partsToTrain: distinct.size,
    peakMemoryBytes: memory.slice(0, parallel).reduce((a, b) => a + b, 0),
    parallel,
    threads,
  };
}

function planStrategy(strategy: Strategy, input: PlanInput): PlannedPart[] {
  const { config, tokensPerShard, training, storedBytesPerElement } = input;
  checkStrategy(strategy, config.layers, tokensPerShard.length);
  const { sequenceLength, batchSize, amount } = training;
  const alone = strategy.windows.length === 1;
  const parts: PlannedPart[] = [];
  let start = "start";
  for (let round = 0; round < strategy.rounds; round++) {
    const of = strategy.windows.map((_, worker): PlannedPart => {
      const window = windowOf(strategy, round, worker);
      const shards = alone ? tokensPerShard.map((_count, i) => i) : [worker];
      const goesOn = strategy.keepOptimizer && !strategy.rotate && round > 0;
      const previous = goesOn ? parts[(round - 1) * strategy.windows.length + worker].identity : null;
      return {
        strategy: strategy.name, round, worker, window,
        layersTrained: window.end - window.first,
        trainableParameters: trainableParameters(config, window),
        cost: stepCost(config, window),
        tokens: trainedTokens(shards, strategy.rounds, tokensPerShard, training),
        memoryBytes: trainingMemoryBytes(config, window, batchSize, sequenceLength, storedBytesPerElement, "f32", false).total,
        identity: hashValue({ start, previous, window, shards, amount, round, rounds: strategy.rounds }),
      };
    });
    parts.push(...of);
    start = hashValue({ start, merge: strategy.merge, parts: of.map(({ identity }) => identity) });
  }
  return parts;
}

/** In one round, by a part that trains on these shards. */
function trainedTokens(shards: readonly number[], rounds: number, tokensPerShard: readonly number[], training: PlanTraining): number {
  const { amount, sequenceLength, batchSize } = training;
  if ("steps" in amount) return (amount.steps * batchSize * sequenceLength) / rounds;
  return (amount.epochs * shards.reduce((sum, shard) => sum + tokensPerShard[shard], 0)) / rounds;
}
