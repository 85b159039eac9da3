import { baseOf, metricOf, preservedOf, candidates, shownColumns, vanillaOf, type Column } from "../columns.js";
import type { ReportFacts } from "../facts.js";
import type { Metric } from "../../evaluate/output/scores.js";
import { formatMetric, formatPreserved, formatValue } from "../numbers.js";
import { bottomAxis, metricAxisLabel, paddedScale, type Box, type Scale } from "./axes.js";
import type { Figure, Panel } from "./figure.js";
import { element, escapeXml, fitText, svgText, textWidth } from "./svg.js";

const width = 530;
const rowHeight = 24;

/** (a) The score of each strategy on each metric, with base and vanilla as lines. */
export function scoreFigure(facts: ReportFacts): Figure {
  return {
    id: "scores",
    title: "Score by strategy",
    caption:
      "Dots are strategies; bars and bands show ± one standard error. The dashed lines are the base (no training) " +
      "and vanilla (ordinary training).",
    panels: shownColumns(facts).map((column) => scorePanel(facts, column)),
  };
}

function scorePanel(facts: ReportFacts, column: Column): Panel {
  const rows = candidates(facts).flatMap((strategy) => {
    const metric = metricOf(strategy.scores, column);
    return metric ? [{ strategy, metric }] : [];
  });
  const references = [
    { name: "base", metric: metricOf(baseOf(facts)?.scores ?? [], column), color: 7, line: 38 },
    { name: "vanilla", metric: metricOf(vanillaOf(facts)?.scores ?? [], column), color: 0, line: 54 },
  ].flatMap(({ metric, ...rest }) => (metric ? [{ metric, ...rest }] : []));
  const names = rows.map(({ strategy }) => fitText(strategy.name, 170));
  const left = 14 + Math.max(30, ...names.map((name) => textWidth(name)));
  const box = { left, top: 60, right: width - 14, bottom: 66 + Math.max(1, rows.length) * rowHeight };
  const all = [...rows, ...references].flatMap(({ metric }) => ends(metric));
  const scale = paddedScale(all, [box.left, box.right]);
  const body = [
    svgText(4, 16, fitText(column.label, width - 8, 15), "title"),
    bottomAxis(box, scale, metricAxisLabel(column)),
    ...references.map((reference) => referenceLine(reference, scale, box)),
    ...rows.map(({ strategy, metric }, index) => {
      const y = box.top + 3 + (index + 0.5) * rowHeight;
      const kept = preservedOf(facts, strategy, column);
      const hint = `${strategy.name}: ${formatMetric(metric)}${kept ? `, preserved ${formatPreserved(kept)}` : ""}`;
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

/** The labels of base and vanilla have different heights, so that they never overlap. */
function referenceLine(
  { name, metric, color, line }: { name: string; metric: Metric; color: number; line: number },
  scale: Scale,
  box: Box,
): string {
  const x = scale(metric.value);
  const [low, high] = ends(metric).map(scale);
  const toLeft = x > (box.left + box.right) / 2;
  const band = element("rect", {
    x: low,
    y: box.top,
    width: high - low,
    height: box.bottom - box.top,
    class: `band f${color}`,
  });
  const mark = element("line", { x1: x, x2: x, y1: line - 10, y2: box.bottom, class: `reference s${color}` });
  return (
    band +
    mark +
    svgText(
      x + (toLeft ? -5 : 5),
      line,
      `${name} ${formatValue(metric.value)}`,
      `f${color} halo`,
      toLeft ? "end" : "start",
    )
  );
}
