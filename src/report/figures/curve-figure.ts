import { line } from "d3-shape";
import { baseOf, columns, metricOf, candidates, vanillaOf, type Column } from "../columns.js";
import type { ReportFacts, StrategyFacts } from "../facts.js";
import type { Metric } from "../../evaluate/output/scores.js";
import { formatMetric, formatDuration } from "../numbers.js";
import { bottomAxis, leftAxis, metricAxisLabel, paddedScale, timeUnit, type Box } from "./axes.js";
import { slug, type Figure, type Panel } from "./figure.js";
import { placeLabels, type Point } from "./place-labels.js";
import { element, escapeXml, fitText, svgText, textWidth } from "./svg.js";

interface WayPoint {
  /** 0 at the start, 1 at the end. */
  readonly fraction: number;
  readonly seconds: number;
  readonly metric: Metric;
}

const width = 345;
const height = 246;
const box: Box = { left: 52, top: 54, right: width - 12, bottom: height - 42 };

/** (b) Per primary metric: vanilla against each strategy on their way, over time. */
export function curveFigures(facts: ReportFacts): Figure[] {
  return columns(facts)
    .filter(({ primary }) => primary)
    .flatMap((column) => {
      const panels = wayPanels(facts, column);
      const title = `On the way: ${column.label}`;
      const caption =
        "The score over the time spent, from the base at 0. A strategy's points before its end are the model merged from what its parts had learnt by that share of their way.";
      return panels.length > 0 ? [{ id: `way-${slug(column.task)}`, title, caption, panels }] : [];
    });
}

function wayPanels(facts: ReportFacts, column: Column): Panel[] {
  const base = baseOf(facts);
  const start = base && metricOf(base.scores, column);
  const wayOf = (strategy: StrategyFacts) => way(strategy, column, start);
  const vanilla = vanillaOf(facts);
  const vanillaWay = vanilla ? wayOf(vanilla) : [];
  const all = candidates(facts)
    .map((strategy) => ({ name: strategy.name, points: wayOf(strategy) }))
    .filter(({ points }) => points.length > 1);
  const every = [...vanillaWay, ...all.flatMap(({ points }) => points)];
  const unit = timeUnit(Math.max(0, ...every.map(({ seconds }) => seconds)));
  const x = paddedScale([0, ...every.map(({ seconds }) => seconds / unit.seconds)], [box.left, box.right]);
  const y = paddedScale(
    every.map(({ metric }) => metric.value),
    [box.bottom, box.top],
  );
  const axes = bottomAxis(box, x, `time, ${unit.label}`) + leftAxis(box, y, metricAxisLabel(column));
  return all.map(({ name, points }) => {
    const at = (way: readonly WayPoint[]) =>
      way.map((point) => ({ ...point, x: x(point.seconds / unit.seconds), y: y(point.metric.value) }));
    const body = [
      legend(name),
      axes,
      track("vanilla", at(vanillaWay), 0),
      track(name, at(points), 1),
      shares(at(points), at(vanillaWay)),
    ];
    return { title: `${column.label} of ${name} and vanilla over time`, width, height, body: body.join("") };
  });
}

/** Base, the points of the curve in order, and the end. */
function way({ curve, scores, seconds }: StrategyFacts, column: Column, start: Metric | null): WayPoint[] {
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

type Placed = WayPoint & { readonly x: number; readonly y: number };

/** Circles for vanilla, squares for the strategy, so that colour is not the only difference. */
function track(name: string, points: readonly Placed[], colour: number): string {
  const path =
    line<Placed>(
      (point) => point.x,
      (point) => point.y,
    )(points) ?? "";
  const marks = points.map((point) => {
    const hint = `${name} at ${Math.round(point.fraction * 100)}%: ${formatMetric(point.metric)} after ${formatDuration(point.seconds)}`;
    return element("g", {}, `<title>${escapeXml(hint)}</title>${mark(point.x, point.y, colour)}`);
  });
  return element("path", { d: path, class: `line s${colour}` }) + marks.join("");
}

function mark(x: number, y: number, colour: number): string {
  if (colour === 0) return element("circle", { cx: x, cy: y, r: 4.5, class: "f0" });
  return element("rect", { x: x - 4, y: y - 4, width: 8, height: 8, class: `f${colour}` });
}

function legend(name: string): string {
  const fitted = fitText(name, width - 110, 15);
  const at = 14 + textWidth(fitted, 15) + 22;
  return mark(8, 12, 1) + svgText(18, 17, fitted, "title") + mark(at, 12, 0) + svgText(at + 10, 16, "vanilla", "");
}

/** The share of the way beside the strategy's inner points, where there are few of them. */
function shares(points: readonly Placed[], others: readonly Placed[]): string {
  const inner = points.filter(({ fraction }) => fraction > 0 && fraction < 1);
  if (inner.length > 3) return "";
  const labelled = inner.map(({ x, y, fraction }) => ({ x, y, text: `${Math.round(fraction * 100)}%` }));
  const lines = [...alongLine(points), ...alongLine(others)].filter((mark) =>
    inner.every(({ x, y }) => Math.hypot(mark.x - x, mark.y - y) > 14),
  );
  return placeLabels(labelled, box, lines)
    .map((label) => (label ? svgText(label.x, label.y, label.text, "halo", label.anchor) : ""))
    .join("");
}

/** Points some pixels apart on the line through all of them. */
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
