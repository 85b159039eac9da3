import type { Box } from "./axes.js";
import { element, escapeXml, standaloneStyle } from "./svg.js";

/** One drawing with its own axes; two or three fit side by side. */
export interface Panel {
  /** The accessible name, for screen readers. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** SVG elements, all text escaped. */
  readonly body: string;
  /** What a page needs to show the values at the pointer; absent for panels whose marks show hints. */
  readonly plot?: Plot;
}

/** The values of the lines of a panel. Both scales are linear. */
export interface Plot {
  /** Where the scales are drawn, in pixels. */
  readonly box: Box;
  /** At the left and the right side. */
  readonly x: readonly [number, number];
  /** At the bottom and the top. */
  readonly y: readonly [number, number];
  readonly lines: readonly { readonly label: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** Panels that belong together: one figure of the report. */
export interface Figure {
  /** For file names and links: a-z, 0-9 and dashes. */
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly panels: readonly Panel[];
}

/** The file of a figure, relative to the report. */
export function figurePath({ id }: Figure): string {
  return `figures/${id}.svg`;
}

/** @param more  further attributes of the element */
export function panelSvg(
  { title, width, height, body }: Panel,
  at: { readonly x: number; readonly y: number } | null = null,
  more: Readonly<Record<string, string>> = {},
): string {
  const place: Record<string, number> = at ? { ...at, width, height } : { width, height };
  const attributes = { ...more, ...place, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title };
  return element("svg", attributes, `${element("title", {}, escapeXml(title))}${body}`);
}

/** All panels of a figure in one SVG file, in rows of at most 1100 pixels. */
export function figureFile({ title, panels }: Figure): string {
  const gap = 16;
  const panelWidth = Math.max(...panels.map(({ width }) => width));
  const across = Math.max(1, Math.min(panels.length, Math.floor((1100 + gap) / (panelWidth + gap))));
  const rows = Array.from({ length: Math.ceil(panels.length / across) }, (_, row) =>
    panels.slice(row * across, (row + 1) * across),
  );
  let y = gap;
  const drawn = rows.map((row) => {
    const texts = row.map((panel, column) => panelSvg(panel, { x: gap + column * (panelWidth + gap), y }));
    y += Math.max(...row.map(({ height }) => height)) + gap;
    return texts.join("");
  });
  const width = gap + across * (panelWidth + gap);
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height: y,
    viewBox: `0 0 ${width} ${y}`,
    role: "img",
  };
  const ground = element("rect", { width, height: y, fill: "var(--ground)" });
  const content = `<title>${escapeXml(title)}</title><style>${standaloneStyle}</style>${ground}${drawn.join("")}`;
  return `${element("svg", attributes, content)}\n`;
}

/** An id of a-z, 0-9 and dashes from any text; different texts may give the same id. */
export function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "x"
  );
}
