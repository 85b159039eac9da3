import type { Done } from "../../jobs/job-folder.js";
import type { MergeRecord } from "../../merge/settings.js";
import type { ModelConfig } from "../../model/config/model-config.js";
import { elements, trainableParameters } from "../../model/config/parameter-counts.js";
import { parameters } from "../../model/config/parameters.js";
import { isTrained, type Window } from "../../model/config/window.js";
import type { PartFacts, RoundFacts, StrategyFacts } from "../../report/facts.js";

/**
 * The rounds of a strategy.
 *
 * @param parts   of all rounds
 * @param merges  one per round; empty for a single part
 */
export function roundFacts(parts: readonly PartFacts[], merges: readonly Done[]): RoundFacts[] {
  const rounds = [...new Set(parts.map(({ round }) => round))];
  return rounds.map((round) => {
    const workers = parts.filter((part) => part.round === round);
    const merge: Done | undefined = merges[round];
    const record = merge?.result as MergeRecord | undefined;
    return {
      round,
      workers: workers.length,
      seconds: Math.max(...workers.map(({ seconds }) => seconds)) + (merge?.seconds ?? 0),
      tokens: workers.reduce((sum, { tokens }) => sum + tokens, 0),
      lossBefore: meanLoss(workers, (losses) => losses.slice(0, tenth(losses))),
      lossAfter: meanLoss(workers, (losses) => losses.slice(-tenth(losses))),
      lambda: record?.settings.lambda ?? null,
      cosine: record?.cosine ?? null,
      meanNormRatio: record?.meanNormRatio ?? null,
    };
  });
}

function tenth(losses: PartFacts["losses"]): number {
  return Math.ceil(losses.length / 10);
}

/** Null without recorded steps. */
function meanLoss(
  workers: readonly PartFacts[],
  select: (losses: PartFacts["losses"]) => PartFacts["losses"],
): number | null {
  const counted = workers.flatMap(({ losses }) => (losses.length > 0 ? select(losses) : []));
  return counted.length === 0 ? null : counted.reduce((sum, { loss }) => sum + loss, 0) / counted.length;
}

const bytesPerElement = 4;

/**
 * What the worker with the most traffic sends and receives: after each round what it trained, before each following
 * round what any worker trained.
 *
 * @param windows  [round][worker]
 */
export function trafficOf(config: ModelConfig, windows: readonly (readonly Window[])[]): StrategyFacts["bytes"] {
  const merged = windows.filter((workers) => workers.length > 1);
  const workers = Math.max(0, ...merged.map(({ length }) => length));
  const sums = Array.from({ length: workers }, (_, worker) =>
    merged
      .filter((round) => worker < round.length)
      .reduce((sum, round) => sum + trainableParameters(config, round[worker]), 0),
  );
  const received = windows
    .slice(0, -1)
    .filter((round) => round.length > 1)
    .reduce((sum, round) => sum + trainedByAny(config, round), 0);
  return { sent: bytesPerElement * Math.max(0, ...sums), received: bytesPerElement * received };
}

function trainedByAny(config: ModelConfig, windows: readonly Window[]): number {
  return parameters(config)
    .filter((parameter) => windows.some((window) => isTrained(parameter, window)))
    .reduce((sum, { shape }) => sum + elements(shape), 0);
}
