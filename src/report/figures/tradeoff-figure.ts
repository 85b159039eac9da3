import { columns, durationShare, preservedOf, candidates, type Column } from "../columns.js";
import type { ReportFacts } from "../facts.js";
import { formatPreserved, formatShare } from "../numbers.js";
import type { Preserved } from "../preserved.js";
import { bottomAxis, leftAxis, paddedScale, type Box, type Scale } from "./axes.js";
import type { Figure, Panel } from "./figure.js";
import { placeLabels, type PlacedLabel, type Point } from "./place-labels.js";
import { element, escapeXml, fitText, svgText } from "./svg.js";

const width = 530;
const height = 370;
const box: Box = { left: 56, top: 56, right: width - 54, bottom: height - 44 };

interface Tradeoff {
  readonly name: string;
  readonly share: number;
  readonly preserved: Preserved;
}

/** (d) Preserved improvement against duration; null if it is not defined anywhere. */
export function tradeoffFigure(facts: ReportFacts): Figure | null {
  const panels = columns(facts)
    .filter(({ primary }) => primary)
    .flatMap((column) => tradeoffPanel(facts, column) ?? []);
  if (panels.length === 0) return null;
  return {
    id: "tradeoff",
    title: "Preserved improvement against duration",
    caption:
      "Higher and further left is better. Vanilla is at 100% on both axes: the dashed line marks its improvement, " +
      "the solid line at 0% the base. Bars show ± one standard error.",
    panels,
  };
}

function tradeoffPanel(facts: ReportFacts, column: Column): Panel | null {
  const tradeoffs = candidates(facts).flatMap((strategy): Tradeoff[] => {
    const [share, preserved] = [durationShare(facts, strategy), preservedOf(facts, strategy, column)];
    return share === null || preserved === null ? [] : [{ name: strategy.name, share, preserved }];
  });
  if (tradeoffs.length === 0) return null;
  const { x, y } = scalesOf(tradeoffs);
  const points = tradeoffs.map(({ name, share, preserved }) => ({
    x: x(share),
    y: y(preserved.share),
    text: fitText(name, 160),
  }));
  const bars = tradeoffs.flatMap(({ preserved: { share, standardError } }, index) =>
    along(points[index].x, y(share + (standardError ?? 0)), y(share - (standardError ?? 0))),
  );
  const percent = (value: number) => `${Math.round(value * 1000) / 10}%`.replace("-", "−");
  const body = [
    svgText(4, 16, fitText(column.label, width - 8, 15), "title"),
    bottomAxis(box, x, "duration, share of vanilla's", percent),
    leftAxis(box, y, "preserved share of vanilla's improvement", percent),
    horizontal(y(0), "s7 domain"),
    horizontal(y(1), "reference s0"),
    svgText(box.right + 5, y(1) + 4, "vanilla", "f0"),
    svgText(box.right + 5, y(0) + 4, "base", "f7"),
    ...tradeoffs.map((tradeoff, index) => bar(tradeoff, points[index].x, y)),
    ...placeLabels(points, box, bars).map((label, index) => (label ? labeled(label, points[index]) : "")),
  ];
  return {
    title: `Preserved improvement on ${column.label} against share of vanilla's duration`,
    width,
    height,
    body: body.join(""),
  };
}

/** Scales that contain all error bars, the base at 0 and vanilla at 1. */
function scalesOf(tradeoffs: readonly Tradeoff[]): { readonly x: Scale; readonly y: Scale } {
  const ends = tradeoffs.flatMap(({ preserved: { share, standardError } }) => [
    share - (standardError ?? 0),
    share + (standardError ?? 0),
  ]);
  const shares = tradeoffs.map(({ share }) => share);
  return {
    x: paddedScale(shares, [box.left + 20, box.right - 20]),
    y: paddedScale([0, 1, ...ends], [box.bottom, box.top]),
  };
}

/** Points every 8 pixels along an error bar, which labels must not cover. */
function along(x: number, top: number, bottom: number): Point[] {
  return Array.from({ length: Math.ceil((bottom - top) / 8) }, (_, i) => ({ x, y: top + i * 8 }));
}

function horizontal(y: number, className: string): string {
  return element("line", { x1: box.left, x2: box.right, y1: y, y2: y, class: className });
}

function bar({ name, share, preserved }: Tradeoff, x: number, y: Scale): string {
  const error = preserved.standardError ?? 0;
  const hint = `${name}: ${formatPreserved(preserved)} preserved in ${formatShare(share)} of vanilla's duration`;
  const line = element("line", {
    x1: x,
    x2: x,
    y1: y(preserved.share - error),
    y2: y(preserved.share + error),
    class: "bar s1",
  });
  const point = element("circle", { cx: x, cy: y(preserved.share), r: 5, class: "f1" });
  return element("g", {}, `<title>${escapeXml(hint)}</title>${line}${point}`);
}

function labeled(
  { x, y, text, anchor, far, box: at }: PlacedLabel,
  point: { readonly x: number; readonly y: number },
): string {
  const end = { x: Math.min(Math.max(point.x, at.left), at.right), y: (at.top + at.bottom) / 2 };
  const lead = far ? element("line", { x1: point.x, y1: point.y, x2: end.x, y2: end.y, class: "lead" }) : "";
  return lead + svgText(x, y, text, "halo", anchor);
}
