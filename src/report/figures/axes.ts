import { extent } from "d3-array";
import { scaleLinear, type ScaleLinear } from "d3-scale";
import { metricFacts, metricLabel, type Column } from "../columns.js";
import { element, fitText, svgText, textWidth } from "./svg.js";

/** The plot area, in pixels; y grows downwards. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type Scale = ScaleLinear<number, number>;

/** A linear scale over all values with 6 % padding on both sides; a single value is padded too. */
export function paddedScale(values: readonly number[], range: readonly [number, number]): Scale {
  const finite = values.filter(Number.isFinite);
  const [low = 0, high = 1] = extent(finite);
  const padding = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return scaleLinear([low - padding, high + padding], range);
}

/** Ticks whose labels do not touch. */
export function ticks(
  scale: Scale,
  format: ((value: number) => string) | null,
  spacing: number,
): { readonly at: number; readonly text: string }[] {
  const [a, b] = scale.range();
  for (let count = Math.max(2, Math.floor(Math.abs(b - a) / spacing)); ; count--) {
    const write = format ?? scale.tickFormat(count);
    const found = scale.ticks(count).map((value) => ({ at: scale(value), text: write(value) }));
    const step = found.length > 1 ? Math.abs(found[1].at - found[0].at) : Infinity;
    if (count <= 2 || step > Math.max(...found.map(({ text }) => textWidth(text))) + 8) return found;
  }
}

/** The axis below the box with its grid lines and label. */
export function bottomAxis(
  box: Box,
  scale: Scale,
  label: string,
  format: ((value: number) => string) | null = null,
): string {
  const { left, top, right, bottom } = box;
  const lines = ticks(scale, format, 60).map(
    ({ at, text }) =>
      element("line", { x1: at, x2: at, y1: top, y2: bottom, class: "grid" }) +
      svgText(at, bottom + 16, text, "tick", "middle"),
  );
  const domain = element("line", { x1: left, x2: right, y1: bottom, y2: bottom, class: "domain" });
  return `${lines.join("")}${domain}${svgText((left + right) / 2, bottom + 34, label, "axis", "middle")}`;
}

/** The axis to the left of the box; its label is horizontal, above the box. */
export function leftAxis(
  box: Box,
  scale: Scale,
  label: string,
  format: ((value: number) => string) | null = null,
): string {
  const { left, top, right, bottom } = box;
  const count = Math.max(2, Math.floor((bottom - top) / 36));
  const write = format ?? scale.tickFormat(count);
  const lines = scale.ticks(count).map((value) => {
    const y = scale(value);
    return (
      element("line", { x1: left, x2: right, y1: y, y2: y, class: "grid" }) +
      svgText(left - 6, y + 4, write(value), "tick", "end")
    );
  });
  const domain = element("line", { x1: left, x2: left, y1: top, y2: bottom, class: "domain" });
  return `${lines.join("")}${domain}${svgText(4, top - 8, label, "axis")}`;
}

/** Of an axis of shares: "−12.5%". */
export function formatPercent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`.replace("-", "−");
}

/** The unit of a time axis. */
export function timeUnit(longestSeconds: number): { readonly seconds: number; readonly label: string } {
  if (longestSeconds < 300) return { seconds: 1, label: "seconds" };
  return longestSeconds < 18_000 ? { seconds: 60, label: "minutes" } : { seconds: 3600, label: "hours" };
}

/** "loss, nats per token (lower is better)"; without the unit where it is wider than `width`, in pixels. */
export function metricAxisLabel(column: Column, width: number): string {
  const unit = metricFacts(column).unit;
  const better = column.higherIsBetter ? "higher" : "lower";
  const [name, direction] = [metricLabel(column), ` (${better} is better)`];
  const whole = `${name}${unit === null ? "" : `, ${unit}`}${direction}`;
  return textWidth(whole) <= width ? whole : `${fitText(name, width - textWidth(direction))}${direction}`;
}
