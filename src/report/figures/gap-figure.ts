import { columns, durationShare, type Column } from "../columns.js";
import type { ReportFacts } from "../facts.js";
import { gapClosed, measured, measureOf } from "../measures/measures.js";
import type { Progress } from "../measures/progress.js";
import { formatProgress, formatShare } from "../numbers.js";
import { isPaperStrategy } from "../paper-numbers.js";
import { plural } from "../../text/plural.js";
import { formatPercent, leftAxis, type Box, type Scale } from "./axes.js";
import { exchangeAxis, spread } from "./exchange-axis.js";
import type { Figure, Panel } from "./figure.js";
import { labeled, placeLabels, type LabeledPoint } from "./place-labels.js";
import { barPoints, isOutside, outsideLines, progressAt, progressMark, progressScale } from "./progress-marks.js";
import { element, fitText, svgText, titleSize } from "./svg.js";

const width = 545;
const minHeight = 346;
/** Of the plot, for each strategy beyond `fewStrategies`. */
const heightPerStrategy = 16;
const fewStrategies = 12;
const gray = 7;
/** Without vanilla's blue and gray. */
const colors = [1, 2, 3, 4, 6, 5];

interface Candidate {
  readonly name: string;
  readonly isPaper: boolean;
  readonly exchanges: number;
  readonly progress: Progress;
  /** Duration as a share of vanilla's. */
  readonly share: number | null;
  readonly color: number;
}

/** (0) Gap closed against exchanges; null where gap closed is not defined. */
export function gapFigure(facts: ReportFacts): Figure | null {
  const panels = columns(facts)
    .filter(({ primary }) => primary)
    .flatMap((column) => gapPanel(facts, column) ?? []);
  if (panels.length === 0) return null;
  const hasPaper = measured(facts, gapClosed).some(({ name }) => isPaperStrategy(name));
  return {
    id: "gap",
    title: "Gap closed against exchanges",
    caption:
      "How much of the way from one machine alone to vanilla each strategy comes, against the number of times that " +
      "its workers exchange. Higher and further left is better; below 0%, the merge did harm. In brackets: the " +
      "duration as a share of vanilla's. Bars show ± one standard error; triangles are outside of the axis." +
      (hasPaper ? " Gray: the paper's nine strategies." : ""),
    panels,
  };
}

function gapPanel(facts: ReportFacts, column: Column): Panel | null {
  const all = candidatesOf(facts, column);
  if (all.length === 0) return null;
  const outside = outsideLines(all, width - 12);
  const bottom = minHeight + heightPerStrategy * Math.max(0, all.length - fewStrategies);
  const box: Box = { left: 56, top: 56, right: width - 84, bottom };
  const axis = exchangeAxis(
    box,
    all.map(({ exchanges }) => exchanges),
  );
  const y = progressScale(
    all.map(({ progress }) => progress),
    [box.bottom, box.top],
  );
  const x = spread(
    all.map(({ exchanges }) => exchanges),
    axis,
  );
  const body = [
    svgText(4, 16, fitText(column.label, width - 8, titleSize), "title"),
    axis.svg,
    leftAxis(box, y, "gap closed", formatPercent),
    referenceLine(box, y(0), ["one machine", "alone"], "s7 domain", 7),
    referenceLine(box, y(1), ["vanilla"], "reference s0", 0),
    ...all.map((candidate, index) => progressMark(candidate.progress, x[index], y, candidate.color, hint(candidate))),
    labels(all, x, y, box),
    ...outside.map((text, index) => svgText(4, bottom + 54 + 16 * index, text, "tick")),
  ];
  return {
    title: `Gap closed on ${column.label} against exchanges`,
    width,
    height: bottom + 44 + 16 * outside.length,
    body: body.join(""),
  };
}

/** The paper's strategies first, so that others are drawn over them; each from the worst to the best. */
function candidatesOf(facts: ReportFacts, column: Column): Candidate[] {
  const others = measured(facts, gapClosed).filter(({ name }) => !isPaperStrategy(name));
  return measured(facts, gapClosed)
    .flatMap((strategy): Candidate[] => {
      const progress = measureOf(facts, gapClosed, strategy, column);
      if (!progress) return [];
      const isPaper = isPaperStrategy(strategy.name);
      const color = isPaper ? gray : colors[others.indexOf(strategy) % colors.length];
      const { name, exchanges } = strategy;
      return [{ name, isPaper, exchanges, progress, share: durationShare(facts, strategy), color }];
    })
    .sort((a, b) => Number(b.isPaper) - Number(a.isPaper) || a.progress.share - b.progress.share);
}

function hint({ name, progress, exchanges, share }: Candidate): string {
  const time = share === null ? "" : ` in ${formatShare(share)} of vanilla's duration`;
  return `${name}: gap closed ${formatProgress(progress)} with ${plural(exchanges, "exchange")}${time}`;
}

function referenceLine(box: Box, y: number, lines: readonly string[], className: string, color: number): string {
  const line = element("line", { x1: box.left, x2: box.right, y1: y, y2: y, class: className });
  const texts = lines.map((text, index) =>
    svgText(box.right + 5, y + 4 + 14 * (index - (lines.length - 1) / 2), text, `f${color}`),
  );
  return line + texts.join("");
}

/** Labels of the paper's strategies only take the room that others leave. */
function labels(all: readonly Candidate[], x: readonly number[], y: Scale, box: Box): string {
  const points = all.map((candidate, index) => ({
    ...candidate,
    x: x[index],
    y: progressAt(candidate.progress, y),
    text: labelOf(candidate),
  }));
  // With many strategies, labels may cover error bars: otherwise they would be far from their points.
  const bars = all.length > fewStrategies ? [] : points.flatMap((point) => barPoints(point.progress, point.x, y));
  const inside = points.filter(({ progress }) => !isOutside(progress));
  const [paper, others] = [true, false].map((isPaper) => inside.filter((point) => point.isPaper === isPaper));
  const placed = placeLabels(others, box, [...bars, ...points]);
  const placedPaper = placeLabels(
    paper,
    box,
    [...bars, ...points],
    placed.flatMap((label) => (label ? [label.box] : [])),
  );
  const draw = (points_: readonly LabeledPoint[], found: typeof placed, className: (index: number) => string) =>
    found.map((label, index) => (label ? labeled(label, points_[index], className(index)) : ""));
  return [
    ...draw(paper, placedPaper, () => "tick halo"),
    ...draw(others, placed, (index) => `f${others[index].color} halo`),
  ].join("");
}

function labelOf({ name, share }: Candidate): string {
  return `${fitText(name, 150)}${share === null ? "" : ` (${Math.round(share * 100)}%)`}`;
}
