import { line } from "d3-shape";
import { aloneOf, baseOf, columns, metricOf, candidates, vanillaOf, type Column } from "../columns.js";
import type { ReportFacts, StrategyFacts } from "../facts.js";
import type { Metric } from "../../evaluate/output/scores.js";
import { formatMetric, formatDuration } from "../numbers.js";
import { bottomAxis, leftAxis, metricAxisLabel, paddedScale, timeUnit, type Box } from "./axes.js";
import { slug, type Figure, type Panel } from "./figure.js";
import { placeLabels, type Point } from "./place-labels.js";
import { element, escapeXml, fitText, svgText, textWidth, titleSize } from "./svg.js";

interface CurvePoint {
  /** 0 at the start, 1 at the end. */
  readonly fraction: number;
  readonly seconds: number;
  readonly metric: Metric;
}

const width = 345;
const height = 246;
const box: Box = { left: 52, top: 54, right: width - 12, bottom: height - 42 };

/** (b) For each primary metric: the score of vanilla and each strategy over time. */
export function curveFigures(facts: ReportFacts): Figure[] {
  return columns(facts)
    .filter(({ primary }) => primary)
    .flatMap((column) => {
      const panels = curvePanels(facts, column);
      const title = `Score during training: ${column.label}`;
      const caption =
        "Score against training time, starting from the base at 0. Points before the end of a strategy are " +
        "evaluations of the model merged from its parts at that share of their steps.";
      return panels.length > 0 ? [{ id: `curve-${slug(column.task)}`, title, caption, panels }] : [];
    });
}

function curvePanels(facts: ReportFacts, column: Column): Panel[] {
  const base = baseOf(facts);
  const start = base && metricOf(base.scores, column);
  const curveOf = (strategy: StrategyFacts) => curvePointsOf(strategy, column, start);
  const vanilla = vanillaOf(facts);
  const vanillaCurve = vanilla ? curveOf(vanilla) : [];
  const alone = aloneOf(facts);
  const aloneCurve = alone ? curveOf(alone) : [];
  const all = candidates(facts)
    .filter((strategy) => strategy !== alone)
    .map((strategy) => ({ name: strategy.name, points: curveOf(strategy) }))
    .filter(({ points }) => points.length > 1);
  const every = [...vanillaCurve, ...aloneCurve, ...all.flatMap(({ points }) => points)];
  const unit = timeUnit(Math.max(0, ...every.map(({ seconds }) => seconds)));
  const x = paddedScale([0, ...every.map(({ seconds }) => seconds / unit.seconds)], [box.left, box.right]);
  const y = paddedScale(
    every.map(({ metric }) => metric.value),
    [box.bottom, box.top],
  );
  const axes = bottomAxis(box, x, `time, ${unit.label}`) + leftAxis(box, y, metricAxisLabel(column, width - 8));
  return all.map(({ name, points }) => {
    const place = (curve: readonly CurvePoint[]) =>
      curve.map((point) => ({ ...point, x: x(point.seconds / unit.seconds), y: y(point.metric.value) }));
    const body = [
      legend(name, aloneCurve.length > 0 ? ["vanilla", "alone"] : ["vanilla"]),
      axes,
      track("vanilla", place(vanillaCurve), 0),
      aloneCurve.length > 0 ? track("alone", place(aloneCurve), 2) : "",
      track(name, place(points), 1),
      shares(place(points), [place(vanillaCurve), place(aloneCurve)]),
    ];
    const others = aloneCurve.length > 0 ? ", vanilla and one machine alone" : " and vanilla";
    return { title: `${column.label} of ${name}${others} over time`, width, height, body: body.join("") };
  });
}

/** The base, the points of the curve in order, and the final model. */
function curvePointsOf({ curve, scores, seconds }: StrategyFacts, column: Column, start: Metric | null): CurvePoint[] {
  const inner = curve
    .filter(({ fraction }) => fraction > 0 && fraction < 1)
    .toSorted((a, b) => a.fraction - b.fraction)
    .map((point) => ({ fraction: point.fraction, seconds: point.seconds, metric: metricOf(point.scores, column) }));
  const points = [
    { fraction: 0, seconds: 0, metric: start },
    ...inner,
    { fraction: 1, seconds: seconds ?? 0, metric: metricOf(scores, column) },
  ];
  return points.flatMap(({ metric, ...rest }) => (metric ? [{ ...rest, metric }] : []));
}

type Placed = CurvePoint & { readonly x: number; readonly y: number };

/** Circles for vanilla, diamonds for alone, squares for the strategy, so that color is not the only difference. */
function track(name: string, points: readonly Placed[], color: number): string {
  const path =
    line<Placed>(
      (point) => point.x,
      (point) => point.y,
    )(points) ?? "";
  const marks = points.map((point) => {
    const percent = Math.round(point.fraction * 100);
    const hint = `${name} at ${percent}%: ${formatMetric(point.metric)} after ${formatDuration(point.seconds)}`;
    return element("g", {}, `<title>${escapeXml(hint)}</title>${mark(point.x, point.y, color)}`);
  });
  return element("path", { d: path, class: `line s${color}` }) + marks.join("");
}

function mark(x: number, y: number, color: number): string {
  if (color === 0) return element("circle", { cx: x, cy: y, r: 4.5, class: "f0" });
  if (color === 2) return element("path", { d: `M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`, class: "f2" });
  return element("rect", { x: x - 4, y: y - 4, width: 8, height: 8, class: `f${color}` });
}

function legend(name: string, others: readonly string[]): string {
  const fitted = fitText(name, width - 40 - 70 * others.length, titleSize);
  const at = 14 + textWidth(fitted, titleSize) + 22;
  const marks = others.map(
    (other, index) => mark(at + 66 * index, 12, 2 * index) + svgText(at + 66 * index + 10, 16, other, ""),
  );
  return mark(8, 12, 1) + svgText(18, 17, fitted, "title") + marks.join("");
}

/** Labels with the fraction at the strategy's inner points, if there are at most three. */
function shares(points: readonly Placed[], others: readonly (readonly Placed[])[]): string {
  const inner = points.filter(({ fraction }) => fraction > 0 && fraction < 1);
  if (inner.length > 3) return "";
  const labeled = inner.map(({ x, y, fraction }) => ({ x, y, text: `${Math.round(fraction * 100)}%` }));
  const lines = [points, ...others]
    .flatMap(alongLine)
    .filter((mark) => inner.every(({ x, y }) => Math.hypot(mark.x - x, mark.y - y) > 14));
  return placeLabels(labeled, box, lines)
    .map((label) => (label ? svgText(label.x, label.y, label.text, "halo", label.anchor) : ""))
    .join("");
}

/** Points every 6 pixels along the line through `points`. */
function alongLine(points: readonly Placed[]): Point[] {
  return points.slice(1).flatMap((to, index) => {
    const from = points[index];
    const count = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 6) || 1;
    return Array.from({ length: count + 1 }, (_, i) => ({
      x: from.x + ((to.x - from.x) * i) / count,
      y: from.y + ((to.y - from.y) * i) / count,
    }));
  });
}
