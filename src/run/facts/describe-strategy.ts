import type { StrategyMerge } from "../../merge/settings.js";
import { formatWindow, type Window } from "../../model/config/window.js";
import type { Strategy } from "../../plan/strategy.js";
import type { StrategyFacts } from "../../report/facts.js";
import type { TrainingSettings } from "../../train/settings.js";

/** Windows, merge method and rounds, such as "0-4 · 4-8, slerp, 2 rounds"; of the round with the most workers. */
export function describeStrategy({ rounds }: Strategy): string {
  const { windows, merge, reads } = rounds.reduce((a, b) => (b.windows.length > a.windows.length ? b : a));
  const serial = rounds.filter((round) => round.windows.length < windows.length).length;
  const [{ embeddings }] = windows;
  const data = reads === "all" ? "all data" : "one shard";
  const alone = `${embeddings ? "all layers" : `layers ${formatWindow(windows[0])}`} on ${data}`;
  const description =
    windows.length === 1 ? alone : `${countedWindows(windows).join(" · ")}, ${merge.method}${outerText(merge)}`;
  const roundsText = rounds.length > 1 ? `, ${rounds.length} rounds` : "";
  return `${description}${roundsText}${serial > 0 ? `, ${serial} of them with one worker` : ""}`;
}

/** `4 × 0-16` where all windows are equal. */
function countedWindows(windows: readonly Window[]): string[] {
  const texts = windows.map(formatWindow);
  return new Set(texts).size === 1 ? [`${texts.length} × ${texts[0]}`] : texts;
}

function outerText({ outerOptimizer }: StrategyMerge): string {
  return outerOptimizer === null ? "" : `, outer ${outerOptimizer.learningRate}/${outerOptimizer.momentum}`;
}

/** The settings of a strategy's workers, in any round, that differ from the recipe's; without `microBatchSize`. */
export function changedTraining({ rounds }: Strategy, usual: TrainingSettings): StrategyFacts["changedTraining"] {
  const all = rounds.flatMap(({ training }) => Object.entries(training) as [keyof TrainingSettings, string | number][]);
  return Object.fromEntries(all.filter(([key, value]) => key !== "microBatchSize" && value !== usual[key]));
}
