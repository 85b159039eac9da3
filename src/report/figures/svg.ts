/** Escapes for SVG text, HTML text and quoted attributes; control characters that XML forbids become "�". */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text
    .replace(/[&<>"']/g, (mark) => entities[mark])
    .replace(/\p{Cc}/gu, (control) => ("\t\n\r".includes(control) ? control : "\ufffd"));
}

/** An element; `content` must be escaped already. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, content = ""): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeXml(typeof value === "number" ? round(value) : value)}"`,
  );
  return content === "" ? `<${name}${written.join("")}/>` : `<${name}${written.join("")}>${content}</${name}>`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export type Anchor = "start" | "middle" | "end";

/** A line of text with its baseline at y. */
export function svgText(x: number, y: number, text: string, className: string, anchor: Anchor = "start"): string {
  return element("text", { x, y, class: className, "text-anchor": anchor }, escapeXml(text));
}

/** An upper estimate of the width of a text in the fonts of the figures, in pixels. */
export function textWidth(text: string, size = fontSize): number {
  return [...text].length * size * 0.57;
}

/** Truncates a text to a width in pixels, with an ellipsis. */
export function fitText(text: string, width: number, size = fontSize): string {
  if (textWidth(text, size) <= width) return text;
  const characters = Math.max(1, Math.floor(width / (size * 0.57)) - 1);
  return `${[...text].slice(0, characters).join("")}…`;
}

/** Of all text in the figures except titles, in pixels. */
export const fontSize = 12;

/** Of titles for `textWidth` and `fitText`: they have 14 pixels, and bold letters are wider. */
export const titleSize = 16.5;

/** Colors after Okabe and Ito, which color-blind readers can distinguish; lighter ones on a dark background. */
const light =
  "--ink:#1b1f24;--muted:#57606a;--grid:#e3e6ea;--ground:#fff;" +
  "--k0:#0072b2;--k1:#d55e00;--k2:#009e73;--k3:#b5548c;--k4:#a87400;--k5:#2b95cf;--k6:#6a4ca3;--k7:#4d5560";
const dark =
  "--ink:#e6e9ed;--muted:#a3acb8;--grid:#343a42;--ground:#15181c;" +
  "--k0:#5fb4ee;--k1:#ff8b4a;--k2:#35c99d;--k3:#eb9dcb;--k4:#f0bb45;--k5:#a5d8f7;--k6:#bda6f0;--k7:#c3c9d1";
export const colorCount = 8;

const marks = [
  "text{font:12px system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:var(--ink)}",
  "text.title{font-size:14px;font-weight:600}text.axis,text.tick{fill:var(--muted)}",
  "text.halo{paint-order:stroke;stroke:var(--ground);stroke-width:3px}",
  ".grid{stroke:var(--grid)}.domain{stroke:var(--muted)}.lead{stroke:var(--muted);stroke-width:.75}",
  ".bar{stroke-width:1.5}.line{fill:none;stroke-width:2;stroke-linejoin:round}",
  ".thin{stroke-width:1.3}.faint{opacity:.3}.reference{stroke-width:1.5;stroke-dasharray:5 3}.band{opacity:.14}",
  ".range{fill-opacity:.14;stroke-opacity:.6;stroke-width:.8}",
  ...Array.from(
    { length: colorCount },
    (_, i) => `.s${i}{stroke:var(--k${i})}.f${i}{fill:var(--k${i})}text.f${i}{fill:var(--k${i})}`,
  ),
].join("");

/** Colors in the light or dark scheme of the reader's system, light on paper, and marks. */
export const figureStyle = `:root{${light}}@media screen and (prefers-color-scheme:dark){:root{${dark}}}${marks}`;
/** For a page where the reader can choose: `data-theme` of the root element is `light` or `dark`. */
export const chosenSchemeStyle = `:root[data-theme=light]{${light}}:root[data-theme=dark]{${dark}}`;
/** For a separate SVG file: always light, because the background of the page around it is unknown. */
export const standaloneStyle = `svg{${light}}${marks}`;
