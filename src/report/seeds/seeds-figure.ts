import { bottomAxis, formatPercent, paddedScale, type Box, type Scale } from "../figures/axes.js";
import type { Figure, Panel } from "../figures/figure.js";
import { element, escapeXml, fitText, svgText, titleSize } from "../figures/svg.js";
import { gapClosed, preserved } from "../measures/measures.js";
import { formatShare } from "../numbers.js";
import type { Spread } from "./spread.js";
import type { ScoreMeans, StrategyMeans } from "./summary.js";

const width = 545;
const rowHeight = 24;
const measures = { gapClosed, preserved };

/** A strategy's share over the seeds. */
interface Row {
  readonly name: string;
  readonly spread: Spread;
  readonly seeds: readonly { readonly seed: number; readonly share: number }[];
}

/** The share of each seed and their mean, by strategy: gap closed, or preserved improvement where it is not defined. */
export function seedsFigure(strategies: readonly StrategyMeans[]): Figure | null {
  const columns = strategies[0].scores.map(({ column }) => column).filter(({ primary }) => primary);
  const panels = columns.flatMap((column) => {
    const scores = strategies.flatMap(({ name, scores: all }) =>
      all
        .filter((one) => one.column.task === column.task && one.column.metric === column.metric)
        .map((score) => ({ name, score })),
    );
    for (const share of ["gapClosed", "preserved"] as const) {
      const rows = scores.flatMap(({ name, score }) => rowOf(name, score, share));
      if (rows.length > 0) return [panel(column.label, share, rows)];
    }
    return [];
  });
  if (panels.length === 0) return null;
  return {
    id: "seeds",
    title: "Seeds and their mean",
    caption: "Small dots: one seed each. Large dots: the mean, with bars of ± one standard error of the mean.",
    panels,
  };
}

function rowOf(name: string, { seeds, ...means }: ScoreMeans, share: keyof typeof measures): Row[] {
  const spread = means[share];
  if (spread === null) return [];
  return [{ name, spread, seeds: seeds.map((one) => ({ seed: one.seed, share: one[share] as number })) }];
}

function panel(label: string, share: keyof typeof measures, rows: readonly Row[]): Panel {
  const box: Box = { left: 150, top: 44, right: width - 24, bottom: 44 + rowHeight * rows.length };
  const { heading, reference } = measures[share];
  const scale = paddedScale([0, 1, ...rows.flatMap(valuesOf)], [box.left, box.right]);
  const body = [
    svgText(4, 16, fitText(label, width - 8, titleSize), "title"),
    bottomAxis(box, scale, heading, formatPercent),
    line(scale(0), box, 7),
    svgText(scale(0), box.top - 6, share === "gapClosed" ? "alone" : reference.name, "f7", "middle"),
    line(scale(1), box, 0),
    svgText(scale(1), box.top - 6, "vanilla", "f0", "middle"),
    ...rows.map((row, i) => marks(row, scale, box.top + rowHeight * (i + 0.5), box)),
  ];
  return { title: `${heading} on ${label} by seed`, width, height: box.bottom + 44, body: body.join("") };
}

function valuesOf({ spread: { mean, standardError }, seeds }: Row): number[] {
  const error = standardError ?? 0;
  return [mean - error, mean + error, ...seeds.map(({ share }) => share)];
}

function line(x: number, { top, bottom }: Box, color: number): string {
  return element("line", { x1: x, x2: x, y1: top, y2: bottom, class: `reference s${color}` });
}

function marks({ name, spread, seeds }: Row, scale: Scale, y: number, box: Box): string {
  const error = spread.standardError ?? 0;
  const [low, high] = [spread.mean - error, spread.mean + error].map(scale);
  const each = seeds.map(({ seed, share }) => {
    const hint = `<title>${escapeXml(`${name}, seed ${seed}: ${formatShare(share)}`)}</title>`;
    return element("circle", { cx: scale(share), cy: y, r: 3, class: "f5" }, hint);
  });
  const bar = element("line", { x1: low, x2: high, y1: y, y2: y, class: "bar s1" });
  const hint = `<title>${escapeXml(`${name}: ${formatShare(spread.mean)}`)}</title>`;
  const mean = element("circle", { cx: scale(spread.mean), cy: y, r: 5, class: "f1" }, hint);
  return svgText(box.left - 8, y + 4, fitText(name, box.left - 16), "tick", "end") + each.join("") + bar + mean;
}
