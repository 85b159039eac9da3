import { max } from "d3-array";
import { area, line } from "d3-shape";
import type { LossPoint } from "../facts.js";
import { bottomAxis, leftAxis, paddedScale, type Box, type Scale } from "./axes.js";
import type { Panel } from "./figure.js";
import { colorCount, element, escapeXml, fitText, svgText, textWidth, titleSize } from "./svg.js";

const width = 345;
const height = 230;
const box: Box = { left: 52, top: 48, right: width - 12, bottom: height - 42 };

export interface LossLine {
  readonly label: string;
  readonly points: readonly LossPoint[];
  /** Drawn faintly under the line: what was smoothed. */
  readonly raw?: readonly LossPoint[];
  /** Of its color and dashes, where a line has the same ones in several panels; by default its place. */
  readonly look?: number;
}

/** The range of many lines that are not drawn one by one. */
export interface LossBand {
  readonly label: string;
  readonly points: readonly { readonly step: number; readonly low: number; readonly high: number }[];
}

/** A vertical scale that several panels share. */
export function lossScale(lines: readonly LossLine[], bands: readonly LossBand[] = []): Scale {
  const losses = [
    ...lines.flatMap(({ points, raw = [] }) => [...points, ...raw].map(({ loss }) => loss)),
    ...bands.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high])),
  ];
  return paddedScale(losses, [box.bottom, box.top]);
}

/** Training losses over steps, a line for each part or worker. */
export function lossPanel(name: string, lines: readonly LossLine[], y: Scale, band: LossBand | null = null): Panel {
  const steps = [...lines.flatMap(({ points }) => points), ...(band?.points ?? [])].map(({ step }) => step);
  const x = paddedScale([0, max(steps) ?? 1], [box.left, box.right]);
  const axes = bottomAxis(box, x, "step") + leftAxis(box, y, "training loss, nats per token");
  const draw = line<LossPoint>(
    ({ step }) => x(step),
    ({ loss }) => y(loss),
  );
  const path = (points: readonly LossPoint[], label: string, index: number, more: string) => {
    const attributes = { d: draw(points) ?? "", class: `line ${more} s${index % colorCount}`, ...dashesOf(index) };
    return element("path", attributes, `<title>${escapeXml(label)}</title>`);
  };
  const raws = lines.map(({ raw, label, look }, index) => (raw ? path(raw, label, look ?? index, "thin faint") : ""));
  const paths = lines.map(({ points, label, look }, index) => path(points, label, look ?? index, "thin"));
  const legend = legendOf(lines, band);
  const title = svgText(4, 16, fitText(name, width - 8, titleSize), "title");
  return {
    title: `Training loss of the parts of ${name}`,
    width,
    height: height + legend.height,
    body: [title, axes, bandPath(band, x, y), ...raws, ...paths, legend.body].join(""),
    plot: {
      box,
      x: x.domain() as [number, number],
      y: y.domain() as [number, number],
      lines: [...lines, ...(band === null ? [] : bandEdges(band))].map(({ label, points }) => ({
        label,
        points: points.map(({ step, loss }) => [step, loss] as const),
      })),
    },
  };
}

function bandPath(band: LossBand | null, x: Scale, y: Scale): string {
  if (band === null) return "";
  const draw = area<LossBand["points"][number]>(
    ({ step }) => x(step),
    ({ low }) => y(low),
    ({ high }) => y(high),
  );
  return element(
    "path",
    { d: draw(band.points) ?? "", class: "range f7 s7" },
    `<title>${escapeXml(band.label)}</title>`,
  );
}

function bandEdges({ label, points }: LossBand): LossLine[] {
  return [
    { label: `${label}, lowest`, points: points.map(({ step, low }) => ({ step, loss: low })) },
    { label: `${label}, highest`, points: points.map(({ step, high }) => ({ step, loss: high })) },
  ];
}

const dashes = [null, "7 2.5", "2.5 2", "9 2.5 2.5 2.5"];

/** Lines differ in color or dashes, and the first four in dashes alone. */
function dashesOf(index: number): Record<string, string> {
  const found = dashes[(index + Math.floor(index / colorCount)) % dashes.length];
  return found === null ? {} : { "stroke-dasharray": found };
}

/** The legend below the axis, wrapped into lines. */
function legendOf(
  lines: readonly LossLine[],
  band: LossBand | null,
): { readonly body: string; readonly height: number } {
  let [x, y] = [8, height + 14];
  const entry = (label: string, sign: () => string) => {
    const text = fitText(label, width - 40);
    const needed = 30 + textWidth(text) + 12;
    if (x > 8 && x + needed > width) [x, y] = [8, y + 18];
    const drawn = sign() + svgText(x + 29, y, text, "");
    x += needed;
    return drawn;
  };
  const body = lines.map(({ label, look }, place) =>
    entry(label, () => {
      const index = look ?? place;
      const className = `line s${index % colorCount}`;
      return element("line", { x1: x, x2: x + 24, y1: y - 4, y2: y - 4, class: className, ...dashesOf(index) });
    }),
  );
  if (band !== null)
    body.push(
      entry(`${band.label}, lowest to highest`, () =>
        element("rect", { x, y: y - 9, width: 24, height: 10, class: "range f7 s7" }),
      ),
    );
  return { body: body.join(""), height: y - height + 10 };
}
