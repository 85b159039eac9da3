import { aloneOf, baseOf, metricOf, candidates, shownColumns, vanillaOf, type Column } from "../columns.js";
import type { ReportFacts } from "../facts.js";
import type { Metric } from "../../evaluate/output/scores.js";
import { measureOf, measuresOf } from "../measures/measures.js";
import { formatMetric, formatProgress, formatValue } from "../numbers.js";
import { bottomAxis, metricAxisLabel, paddedScale, type Box, type Scale } from "./axes.js";
import type { Figure, Panel } from "./figure.js";
import { element, escapeXml, fitText, svgText, textWidth, titleSize } from "./svg.js";

const width = 530;
const rowHeight = 24;

/** (a) The score of each strategy on each metric, with base and vanilla as lines. */
export function scoreFigure(facts: ReportFacts): Figure {
  return {
    id: "scores",
    title: "Score by strategy",
    caption:
      "Dots are strategies; bars and bands show ± one standard error. The dashed lines are the base (no training)" +
      (aloneOf(facts) ? ", alone (one machine with its share of the data) " : " ") +
      "and vanilla (ordinary training).",
    panels: shownColumns(facts).map((column) => scorePanel(facts, column)),
  };
}

function scorePanel(facts: ReportFacts, column: Column): Panel {
  const alone = aloneOf(facts);
  const rows = candidates(facts).flatMap((strategy) => {
    const metric = metricOf(strategy.scores, column);
    return metric && strategy !== alone ? [{ strategy, metric }] : [];
  });
  const references = [
    { name: "base", strategy: baseOf(facts), color: 7 },
    { name: "alone", strategy: alone, color: 2 },
    { name: "vanilla", strategy: vanillaOf(facts), color: 0 },
  ]
    .flatMap(({ strategy, ...rest }) => {
      const metric = strategy && metricOf(strategy.scores, column);
      return metric ? [{ metric, ...rest }] : [];
    })
    .map((reference, index) => ({ ...reference, line: 38 + 16 * index }));
  const names = rows.map(({ strategy }) => fitText(strategy.name, 170));
  const left = 14 + Math.max(30, ...names.map((name) => textWidth(name)));
  const top = 28 + 16 * Math.max(2, references.length);
  const box = { left, top, right: width - 14, bottom: top + 6 + Math.max(1, rows.length) * rowHeight };
  const all = [...rows, ...references].flatMap(({ metric }) => ends(metric));
  const scale = paddedScale(all, [box.left, box.right]);
  const body = [
    svgText(4, 16, fitText(column.label, width - 8, titleSize), "title"),
    bottomAxis(box, scale, metricAxisLabel(column, width - 8)),
    ...references.map((reference, index) => referenceLine(reference, references.slice(0, index), scale, box)),
    ...rows.map(({ strategy, metric }, index) => {
      const y = box.top + 3 + (index + 0.5) * rowHeight;
      const shares = measuresOf(facts).flatMap((measure) => {
        const progress = measureOf(facts, measure, strategy, column);
        return progress ? [`${measure.heading} ${formatProgress(progress)}`] : [];
      });
      const hint = [`${strategy.name}: ${formatMetric(metric)}`, ...shares].join(", ");
      return svgText(left - 8, y + 4, names[index], "", "end") + dot(metric, scale, y, hint);
    }),
  ];
  return { title: `${column.label} by strategy`, width, height: box.bottom + 44, body: body.join("") };
}

function ends({ value, standardError }: Metric): number[] {
  return [value - (standardError ?? 0), value + (standardError ?? 0)];
}

function dot(metric: Metric, scale: Scale, y: number, hint: string): string {
  const [low, high] = ends(metric).map(scale);
  const bar = element("line", { x1: low, x2: high, y1: y, y2: y, class: "bar s1" });
  const caps = [low, high]
    .map((x) => element("line", { x1: x, x2: x, y1: y - 4, y2: y + 4, class: "bar s1" }))
    .join("");
  const point = element("circle", { cx: scale(metric.value), cy: y, r: 5, class: "f1" });
  return element("g", {}, `<title>${escapeXml(hint)}</title>${bar}${caps}${point}`);
}

interface Reference {
  readonly name: string;
  readonly metric: Metric;
  readonly color: number;
  /** The baseline of its label. */
  readonly line: number;
}

/** Each label has its own height, so that they never overlap. @param above  those whose lines pass this label */
function referenceLine(
  { name, metric, color, line }: Reference,
  above: readonly Reference[],
  scale: Scale,
  box: Box,
): string {
  const x = scale(metric.value);
  const [low, high] = ends(metric).map(scale);
  const text = `${name} ${formatValue(metric.value)}`;
  const toLeft = isLabelLeft(
    x,
    textWidth(text) + 5,
    above.map((other) => scale(other.metric.value)),
    (box.left + box.right) / 2,
  );
  const band = element("rect", {
    x: low,
    y: box.top,
    width: high - low,
    height: box.bottom - box.top,
    class: `band f${color}`,
  });
  const mark = element("line", { x1: x, x2: x, y1: line - 10, y2: box.bottom, class: `reference s${color}` });
  return band + mark + svgText(x + (toLeft ? -5 : 5), line, text, `f${color} halo`, toLeft ? "end" : "start");
}

/** The side towards the middle, unless a line passes the label there and none passes it on the other side. */
function isLabelLeft(x: number, labelWidth: number, lines: readonly number[], middle: number): boolean {
  const isFree = (left: number, right: number) =>
    left >= 0 && right <= width && !lines.some((line) => line > left && line < right);
  const [leftFree, rightFree] = [isFree(x - labelWidth, x), isFree(x, x + labelWidth)];
  return leftFree === rightFree ? x > middle : leftFree;
}
