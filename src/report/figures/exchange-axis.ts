import { scaleLinear } from "d3-scale";
import type { Box, Scale } from "./axes.js";
import { element, svgText } from "./svg.js";

/** A logarithmic axis of exchanges with 0 at the place of ½. */
export interface ExchangeAxis {
  at(exchanges: number): number;
  readonly svg: string;
}

export function exchangeAxis(box: Box, counts: readonly number[]): ExchangeAxis {
  const scale: Scale = scaleLinear(domainOf(counts), [box.left + 34, box.right - 34]);
  const at = (exchanges: number) => scale(place(exchanges));
  const lines = ticksOf(counts).map(
    (count) =>
      element("line", { x1: at(count), x2: at(count), y1: box.top, y2: box.bottom, class: "grid" }) +
      svgText(at(count), box.bottom + 16, String(count), "tick", "middle"),
  );
  const domain = element("line", { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, class: "domain" });
  const label = svgText((box.left + box.right) / 2, box.bottom + 34, "exchanges (merges of the run)", "axis", "middle");
  return { at, svg: lines.join("") + domain + label };
}

/** A single number of exchanges is in the middle. */
function domainOf(counts: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...counts), Math.max(...counts)].map(place);
  return low === high ? [low - 1, high + 1] : [Math.min(low, 0), Math.max(high, 2)];
}

/** 0 if it occurs, and powers of 2 or 4; with a single number of exchanges, this one. */
function ticksOf(counts: readonly number[]): number[] {
  if (new Set(counts).size === 1) return [counts[0]];
  const most = Math.max(4, ...counts);
  const step = most > 16 ? 2 : 1;
  const powers = Array.from({ length: Math.floor(Math.log2(most) / step + 1e-9) + 1 }, (_, i) => 2 ** (i * step));
  return counts.includes(0) ? [0, ...powers] : powers;
}

function place(exchanges: number): number {
  return exchanges === 0 ? -1 : Math.log2(exchanges);
}

/**
 * Positions for marks with the same number of exchanges, side by side around their place.
 *
 * @param counts  in the order in which equal ones follow each other from left to right
 */
export function spread(counts: readonly number[], axis: ExchangeAxis): number[] {
  const places = [...new Set(counts)].map(axis.at).sort((a, b) => a - b);
  const nearest = Math.min(places.length === 1 ? 400 : 80, ...places.slice(1).map((at, index) => at - places[index]));
  const seen = new Map<number, number>();
  return counts.map((count) => {
    const size = counts.filter((other) => other === count).length;
    const index = seen.get(count) ?? 0;
    seen.set(count, index + 1);
    const step = Math.min(11, (0.7 * nearest) / Math.max(1, size - 1));
    return axis.at(count) + (index - (size - 1) / 2) * step;
  });
}
