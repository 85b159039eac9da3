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

interface Trade {
  readonly name: string;
  readonly share: number;
  readonly preserved: Preserved;
}

/** (d) What was preserved against what it took; null where nothing is defined. */
export function tradeoffFigure(facts: ReportFacts): Figure | null {
  const panels = columns(facts)
    .filter(({ primary }) => primary)
    .flatMap((column) => tradePanel(facts, column) ?? []);
  if (panels.length === 0) return null;
  return {
    id: "trade",
    title: "Preserved improvement against duration",
    caption:
      "Up and to the left is better. Vanilla is at 100% of both: the dashed line is all of its improvement, the full line at 0% none. Bars are one standard error to each side.",
    panels,
  };
}

function tradePanel(facts: ReportFacts, column: Column): Panel | null {
  const trades = candidates(facts).flatMap((strategy): Trade[] => {
    const [share, preserved] = [durationShare(facts, strategy), preservedOf(facts, strategy, column)];
    return share === null || preserved === null ? [] : [{ name: strategy.name, share, preserved }];
  });
  if (trades.length === 0) return null;
  const x = paddedScale(
    trades.map(({ share }) => share),
    [box.left + 20, box.right - 20],
  );
  const y = paddedScale(
    [
      0,
      1,
      ...trades.flatMap(({ preserved: { share, standardError } }) => [
        share - (standardError ?? 0),
        share + (standardError ?? 0),
      ]),
    ],
    [box.bottom, box.top],
  );
  const points = trades.map(({ name, share, preserved }) => ({
    x: x(share),
    y: y(preserved.share),
    text: fitText(name, 160),
  }));
  const bars = trades.flatMap(({ preserved: { share, standardError } }, index) =>
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
    ...trades.map((trade, index) => bar(trade, points[index].x, y)),
    ...placeLabels(points, box, bars).map((label, index) => (label ? labelled(label, points[index]) : "")),
  ];
  return {
    title: `Preserved improvement on ${column.label} against share of vanilla's duration`,
    width,
    height,
    body: body.join(""),
  };
}

/** Marks some pixels apart on an error bar, for labels to keep off. */
function along(x: number, top: number, bottom: number): Point[] {
  return Array.from({ length: Math.ceil((bottom - top) / 8) }, (_, i) => ({ x, y: top + i * 8 }));
}

function horizontal(y: number, className: string): string {
  return element("line", { x1: box.left, x2: box.right, y1: y, y2: y, class: className });
}

function bar({ name, share, preserved }: Trade, x: number, y: Scale): string {
  const error = preserved.standardError ?? 0;
  const hint = `${name}: ${formatPreserved(preserved)} preserved in ${formatShare(share)} of vanilla's duration`;
  const line = element("line", {
    x1: x,
    x2: x,
    y1: y(preserved.share - error),
    y2: y(preserved.share + error),
    class: "bar s1",
  });
  return element(
    "g",
    {},
    `<title>${escapeXml(hint)}</title>${line}${element("circle", { cx: x, cy: y(preserved.share), r: 5, class: "f1" })}`,
  );
}

function labelled(
  { x, y, text, anchor, far, box: at }: PlacedLabel,
  point: { readonly x: number; readonly y: number },
): string {
  const end = { x: Math.min(Math.max(point.x, at.left), at.right), y: (at.top + at.bottom) / 2 };
  const lead = far ? element("line", { x1: point.x, y1: point.y, x2: end.x, y2: end.y, class: "lead" }) : "";
  return lead + svgText(x, y, text, "halo", anchor);
}
