import { columns, durationShare, type Column } from "../columns.js";
import type { ReportFacts } from "../facts.js";
import { gapClosed, measured, measureOf, preserved, type Measure } from "../measures/measures.js";
import type { Progress } from "../measures/progress.js";
import { formatProgress, formatShare } from "../numbers.js";
import { bottomAxis, formatPercent, leftAxis, paddedScale, type Box } from "./axes.js";
import type { Figure, Panel } from "./figure.js";
import { labeled, placeLabels } from "./place-labels.js";
import { barPoints, isOutside, outsideLines, progressAt, progressMark, progressScale } from "./progress-marks.js";
import { element, fitText, svgText, titleSize } from "./svg.js";

const width = 530;
const height = 370;
const box: Box = { left: 56, top: 56, right: width - 54, bottom: height - 44 };

interface Tradeoff {
  readonly name: string;
  readonly share: number;
  readonly progress: Progress;
}

interface TradeoffTexts {
  readonly id: string;
  readonly measure: Measure;
  readonly title: string;
  /** What 0 % is, in the caption and beside its line. */
  readonly reference: readonly [string, string];
  readonly axis: string;
}

const texts: readonly TradeoffTexts[] = [
  {
    id: "tradeoff-gap",
    measure: gapClosed,
    title: "Gap closed against duration",
    reference: ["one machine alone", "alone"],
    axis: "gap closed between one machine alone and vanilla",
  },
  {
    id: "tradeoff",
    measure: preserved,
    title: "Preserved improvement against duration",
    reference: ["the base", "base"],
    axis: "preserved share of vanilla's improvement",
  },
];

/** (d) Gap closed and preserved improvement against duration, where they are defined. */
export function tradeoffFigures(facts: ReportFacts): Figure[] {
  return texts.flatMap((text) => {
    const { id, title, reference } = text;
    const panels = columns(facts)
      .filter(({ primary }) => primary)
      .flatMap((column) => tradeoffPanel(facts, column, text) ?? []);
    const caption =
      "Higher and further left is better. Vanilla is at 100% on both axes: the dashed line marks its score, the " +
      `solid line at 0% that of ${reference[0]}. Bars show ± one standard error; triangles ` +
      "are outside of the axis.";
    return panels.length > 0 ? [{ id, title, caption, panels }] : [];
  });
}

function tradeoffPanel(facts: ReportFacts, column: Column, { measure, ...text }: TradeoffTexts): Panel | null {
  const tradeoffs = measured(facts, measure).flatMap((strategy): Tradeoff[] => {
    const [share, progress] = [durationShare(facts, strategy), measureOf(facts, measure, strategy, column)];
    return share === null || progress === null ? [] : [{ name: strategy.name, share, progress }];
  });
  if (tradeoffs.length === 0) return null;
  const x = paddedScale(
    tradeoffs.map(({ share }) => share),
    [box.left + 20, box.right - 20],
  );
  const y = progressScale(
    tradeoffs.map(({ progress }) => progress),
    [box.bottom, box.top],
  );
  const points = tradeoffs.map(({ name, share, progress }) => ({
    x: x(share),
    y: progressAt(progress, y),
    text: fitText(name, 160),
    isInside: !isOutside(progress),
  }));
  const labels = points.filter(({ isInside }) => isInside);
  const bars = tradeoffs.flatMap(({ progress }, index) => barPoints(progress, points[index].x, y));
  const outside = outsideLines(tradeoffs, width - 12);
  const body = [
    svgText(4, 16, fitText(column.label, width - 8, titleSize), "title"),
    bottomAxis(box, x, "duration, share of vanilla's", formatPercent),
    leftAxis(box, y, text.axis, formatPercent),
    horizontal(y(0), "s7 domain"),
    horizontal(y(1), "reference s0"),
    svgText(box.right + 5, y(1) + 4, "vanilla", "f0"),
    svgText(box.right + 5, y(0) + 4, text.reference[1], "f7"),
    ...tradeoffs.map(({ name, share, progress }, index) => {
      const result = `${name}: ${measure.heading} ${formatProgress(progress)}`;
      return progressMark(progress, points[index].x, y, 1, `${result} in ${formatShare(share)} of vanilla's duration`);
    }),
    ...placeLabels(labels, box, [...bars, ...points]).map((label, index) =>
      label ? labeled(label, labels[index]) : "",
    ),
    ...outside.map((line, index) => svgText(4, height + 10 + 16 * index, line, "tick")),
  ];
  return {
    title: `${text.title.replace(" against duration", "")} on ${column.label} against share of vanilla's duration`,
    width,
    height: height + 16 * outside.length,
    body: body.join(""),
  };
}

function horizontal(y: number, className: string): string {
  return element("line", { x1: box.left, x2: box.right, y1: y, y2: y, class: className });
}
