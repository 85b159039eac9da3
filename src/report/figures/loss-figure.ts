import { line } from "d3-shape";
import type { LossPoint, PartFacts, ReportFacts, StrategyFacts } from "../facts.js";
import { bottomAxis, leftAxis, paddedScale, type Box, type Scale } from "./axes.js";
import type { Figure, Panel } from "./figure.js";
import { colorCount, element, escapeXml, fitText, svgText, textWidth } from "./svg.js";

const width = 345;
const height = 230;
const box: Box = { left: 52, top: 48, right: width - 12, bottom: height - 42 };
const maxPoints = 150;

/** (c) Training loss of every part, one panel per strategy; the rounds of a worker are joined. */
export function lossFigure(facts: ReportFacts): Figure | null {
  const drawn = facts.strategies
    .map((strategy) => ({ strategy, lines: workerLines(strategy) }))
    .filter(({ lines }) => lines.some(({ points }) => points.length > 0));
  if (drawn.length === 0) return null;
  const all = drawn.flatMap(({ lines }) => lines.flatMap(({ points }) => points));
  const y = paddedScale(
    all.map(({ loss }) => loss),
    [box.bottom, box.top],
  );
  return {
    id: "losses",
    title: "Training loss of the parts",
    caption:
      "Each part trains on its own shard, so the lines need not meet. All panels share the vertical axis; each has " +
      `its own step axis. Lines with more than ${maxPoints} steps are averaged over adjacent steps; losses.csv ` +
      "contains all steps.",
    panels: drawn.map(({ strategy, lines }) => lossPanel(strategy.name, lines, y)),
  };
}

function lossPanel(name: string, lines: readonly WorkerLine[], y: Scale): Panel {
  const steps = lines.flatMap(({ points }) => points.map(({ step }) => step));
  const x = paddedScale([0, ...steps], [box.left, box.right]);
  const axes = bottomAxis(box, x, "step") + leftAxis(box, y, "training loss, nats per token");
  const draw = line<LossPoint>(
    ({ step }) => x(step),
    ({ loss }) => y(loss),
  );
  const paths = lines.map(({ points, label }, worker) => {
    const hint = `<title>${escapeXml(label)}</title>`;
    const dashes: Record<string, string> = worker < colorCount ? {} : { "stroke-dasharray": "4 2" };
    return element("path", { d: draw(points) ?? "", class: `line thin s${worker % colorCount}`, ...dashes }, hint);
  });
  const legend = legendOf(lines.map(({ label }) => label));
  const body = [svgText(4, 16, fitText(name, width - 8, 15), "title"), axes, ...paths, legend.body];
  return {
    title: `Training loss of the parts of ${name}`,
    width,
    height: height + legend.height,
    body: body.join(""),
  };
}

interface WorkerLine {
  readonly label: string;
  readonly points: readonly LossPoint[];
}

/** One line per worker, through all its rounds; a round whose steps start at 1 again is shifted. */
function workerLines({ parts }: StrategyFacts): WorkerLine[] {
  const workers = [...new Set(parts.map(({ worker }) => worker))].sort((a, b) => a - b);
  return workers.map((worker) => {
    const rounds = parts.filter((part) => part.worker === worker).sort((a, b) => a.round - b.round);
    const windows = [...new Set(rounds.map(({ window }) => window))];
    const label = `part ${worker + 1}: ${windows.length > 2 ? "rotating" : windows.join(", ")}`;
    return { label, points: downsample(joinRounds(rounds), maxPoints) };
  });
}

function joinRounds(rounds: readonly PartFacts[]): LossPoint[] {
  const joined: LossPoint[] = [];
  for (const { losses } of rounds) {
    const last = joined.at(-1)?.step ?? 0;
    const offset = losses.length > 0 && losses[0].step <= last ? last : 0;
    for (const { step, loss } of losses) if (Number.isFinite(loss)) joined.push({ step: step + offset, loss });
  }
  return joined;
}

/** At most `limit` points: means over runs of equal length, each at the mean of its steps. */
export function downsample(points: readonly LossPoint[], limit: number): LossPoint[] {
  const size = Math.ceil(points.length / limit);
  if (size <= 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const run = points.slice(index * size, (index + 1) * size);
    const mean = (of: (point: LossPoint) => number) => run.reduce((sum, point) => sum + of(point), 0) / run.length;
    return { step: mean(({ step }) => step), loss: mean(({ loss }) => loss) };
  });
}

/** The legend below the axis, wrapped into lines. */
function legendOf(labels: readonly string[]): { readonly body: string; readonly height: number } {
  let [x, y] = [8, height + 14];
  const body = labels.map((label, index) => {
    const text = fitText(label, width - 40);
    const needed = 22 + textWidth(text) + 12;
    if (x > 8 && x + needed > width) [x, y] = [8, y + 18];
    const dashes: Record<string, string> = index < colorCount ? {} : { "stroke-dasharray": "4 2" };
    const drawn =
      element("line", { x1: x, x2: x + 16, y1: y - 4, y2: y - 4, class: `line s${index % colorCount}`, ...dashes }) +
      svgText(x + 21, y, text, "");
    x += needed;
    return drawn;
  });
  return { body: body.join(""), height: y - height + 10 };
}
