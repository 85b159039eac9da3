import type { Progress } from "../measures/progress.js";
import { formatShare } from "../numbers.js";
import { paddedScale, type Scale } from "./axes.js";
import { along, type Point } from "./place-labels.js";
import { element, escapeXml, fitText, textWidth } from "./svg.js";

/** Shares outside these limits are drawn at the edge, so that one strategy cannot squeeze all others together. */
const limits = [-1, 2] as const;

const clamp = (share: number) => Math.min(Math.max(share, limits[0]), limits[1]);

/** A vertical axis that contains the references at 0 and 1, and the error bars within the limits. */
export function progressScale(values: readonly Progress[], range: readonly [number, number]): Scale {
  return paddedScale([0, 1, ...values.flatMap(ends)], range);
}

function ends({ share, standardError }: Progress): [number, number] {
  const error = standardError ?? 0;
  return [clamp(share - error), clamp(share + error)];
}

/** The place of a share on the axis. */
export function progressAt({ share }: Progress, y: Scale): number {
  return y(clamp(share));
}

/** Whether it is drawn at the edge. */
export function isOutside({ share }: Progress): boolean {
  return share !== clamp(share);
}

/** Lines of at most `width` pixels with the strategies at the edge: "outside: slerp-1 −277%, slerp-3 −199%". */
export function outsideLines(
  all: readonly { readonly name: string; readonly progress: Progress }[],
  width: number,
): string[] {
  const texts = all
    .filter(({ progress }) => isOutside(progress))
    .map(({ name, progress }, index, { length }) => {
      const end = index < length - 1 ? "," : "";
      return `${fitText(name, 150)} ${formatShare(progress.share)}${end}`;
    });
  return texts.reduce<string[]>((lines, text, index) => {
    const line = index === 0 ? `outside: ${text}` : `${lines.at(-1)} ${text}`;
    return textWidth(line) > width && index > 0 ? [...lines, text] : [...lines.slice(0, -1), line];
  }, []);
}

/** The points of a mark's error bar, which labels must not cover. */
export function barPoints(progress: Progress, x: number, y: Scale): Point[] {
  const [low, high] = ends(progress).map(y);
  return along(x, high, low);
}

/** A dot with its error bar; a triangle that points outside at the edge. */
export function progressMark(progress: Progress, x: number, y: Scale, color: number, hint: string): string {
  const [low, high] = ends(progress).map(y);
  const bar = element("line", { x1: x, x2: x, y1: low, y2: high, class: `bar s${color}` });
  const at = progressAt(progress, y);
  const tip = progress.share < 0 ? 5 : -5;
  const point = isOutside(progress)
    ? element("path", { d: `M${x - 5.5} ${at - tip}h11L${x} ${at + tip}z`, class: `f${color}` })
    : element("circle", { cx: x, cy: at, r: 5, class: `f${color}` });
  return element("g", {}, `<title>${escapeXml(hint)}</title>${bar}${point}`);
}
