import { element, fontSize, svgText, textWidth, type Anchor } from "./svg.js";
import type { Box } from "./axes.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LabeledPoint extends Point {
  readonly text: string;
}

export interface PlacedLabel {
  readonly text: string;
  readonly x: number;
  /** Baseline. */
  readonly y: number;
  readonly anchor: Anchor;
  readonly box: Box;
  /** Whether the label is so far from its point that a line should connect them. */
  readonly far: boolean;
}

const pointRadius = 6;
const overlaps = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/**
 * Places a label near each point so that it covers no other label and no point, at increasing distances; points are
 * processed from top to bottom. A label that does not fit inside `bounds` is omitted.
 *
 * @param marks  other marks of a point's size that labels must not cover
 * @param boxes  other labels
 * @returns one per point, in the order of `points`
 */
export function placeLabels(
  points: readonly LabeledPoint[],
  bounds: Box,
  marks: readonly Point[] = [],
  boxes: readonly Box[] = [],
): (PlacedLabel | null)[] {
  const taken: Box[] = [...boxes, ...[...points, ...marks].map(boxOfPoint)];
  const placed: (PlacedLabel | null)[] = points.map(() => null);
  const order = points.map((_, index) => index).sort((a, b) => points[a].y - points[b].y || points[a].x - points[b].x);
  for (const index of order) {
    const free = candidates(points[index]).find(
      ({ box }) => isInside(box, bounds) && !taken.some((other) => overlaps(box, other)),
    );
    if (!free) continue;
    placed[index] = free;
    taken.push(free.box);
  }
  return placed;
}

function boxOfPoint({ x, y }: Point): Box {
  return { left: x - pointRadius, right: x + pointRadius, top: y - pointRadius, bottom: y + pointRadius };
}

/** Points every 8 pixels along a vertical line, which labels must not cover. */
export function along(x: number, top: number, bottom: number): Point[] {
  return Array.from({ length: Math.ceil((bottom - top) / 8) }, (_, i) => ({ x, y: top + i * 8 }));
}

/** A label as SVG, with a line to its point if it is far away. */
export function labeled({ x, y, text, anchor, far, box: at }: PlacedLabel, point: Point, className = "halo"): string {
  const end = { x: Math.min(Math.max(point.x, at.left), at.right), y: (at.top + at.bottom) / 2 };
  const lead = far ? element("line", { x1: point.x, y1: point.y, x2: end.x, y2: end.y, class: "lead" }) : "";
  return lead + svgText(x, y, text, className, anchor);
}

function isInside(box: Box, bounds: Box): boolean {
  return box.left >= bounds.left && box.right <= bounds.right && box.top >= bounds.top && box.bottom <= bounds.bottom;
}

/** Right, left, above, below, then at increasing distances in twelve directions. */
function candidates({ x, y, text }: LabeledPoint): PlacedLabel[] {
  const near = [
    candidate(x + 9, y, "start"),
    candidate(x - 9, y, "end"),
    candidate(x, y - 14, "middle"),
    candidate(x, y + 14, "middle"),
  ];
  const rings = [22, 34, 48, 64, 84, 108, 136, 168, 204].flatMap((distance) =>
    Array.from({ length: 12 }, (_, direction) => {
      const angle = (direction * Math.PI) / 6;
      const [dx, dy] = [Math.cos(angle) * distance, Math.sin(angle) * distance];
      return candidate(x + dx, y + dy, Math.abs(dx) < 1 ? "middle" : dx > 0 ? "start" : "end", true);
    }),
  );
  return [...near, ...rings];

  function candidate(atX: number, middle: number, anchor: Anchor, far = false): PlacedLabel {
    const width = textWidth(text);
    const left = anchor === "start" ? atX : anchor === "end" ? atX - width : atX - width / 2;
    const box = {
      left: left - 1,
      right: left + width + 1,
      top: middle - fontSize / 2 - 1,
      bottom: middle + fontSize / 2 + 1,
    };
    return { text, x: atX, y: middle + fontSize * 0.35, anchor, box, far };
  }
}
