import type { LossPoint, PartFacts, ReportFacts, StrategyFacts } from "../facts.js";
import type { Figure } from "./figure.js";
import { lossPanel, lossScale, type LossLine } from "./loss-panel.js";

const maxPoints = 150;

/** (c) Training loss of every part, one panel per strategy; the rounds of a worker are joined. */
export function lossFigure(facts: ReportFacts): Figure | null {
  const drawn = facts.strategies
    .map((strategy) => ({ strategy, lines: workerLines(strategy) }))
    .filter(({ lines }) => lines.some(({ points }) => points.length > 0));
  if (drawn.length === 0) return null;
  const y = lossScale(drawn.flatMap(({ lines }) => lines));
  return {
    id: "losses",
    title: "Training loss of the parts",
    caption:
      "Each part trains on its own shard, so the lines need not meet. All panels share the vertical axis; each has " +
      `its own step axis. Lines with more than ${maxPoints} steps are averaged over adjacent steps; losses.csv ` +
      "contains all steps.",
    panels: drawn.map(({ strategy, lines }) => lossPanel(strategy.name, lines, y)),
  };
}

/** One line per worker, through all its rounds; a round whose steps start at 1 again is shifted. */
function workerLines({ parts }: StrategyFacts): LossLine[] {
  const workers = [...new Set(parts.map(({ worker }) => worker))].sort((a, b) => a - b);
  return workers.map((worker) => {
    const rounds = parts.filter((part) => part.worker === worker).sort((a, b) => a.round - b.round);
    const windows = [...new Set(rounds.map(({ window }) => window))];
    const label = `part ${worker + 1}: ${windows.length > 2 ? "rotating" : windows.join(", ")}`;
    return { label, points: downsample(joinRounds(rounds), maxPoints) };
  });
}

function joinRounds(rounds: readonly PartFacts[]): LossPoint[] {
  const joined: LossPoint[] = [];
  for (const { losses } of rounds) {
    const last = joined.at(-1)?.step ?? 0;
    const offset = losses.length > 0 && losses[0].step <= last ? last : 0;
    for (const { step, loss } of losses) if (Number.isFinite(loss)) joined.push({ step: step + offset, loss });
  }
  return joined;
}

/** At most `limit` points: means over runs of equal length, each at the mean of its steps. */
export function downsample(points: readonly LossPoint[], limit: number): LossPoint[] {
  const size = Math.ceil(points.length / limit);
  if (size <= 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const run = points.slice(index * size, (index + 1) * size);
    const mean = (of: (point: LossPoint) => number) => run.reduce((sum, point) => sum + of(point), 0) / run.length;
    return { step: mean(({ step }) => step), loss: mean(({ loss }) => loss) };
  });
}
