import { panelSvg, type Figure } from "../../report/figures/figure.js";
import { markup, tag, type Markup } from "./tag.js";

/** @param address  of the figure as an SVG file */
export function figureMarkup({ id, title, caption, panels }: Figure, address: string): Markup {
  return tag(
    "figure",
    { id: `figure-${id}` },
    tag("h3", {}, title),
    tag("figcaption", {}, caption),
    tag(
      "div",
      { class: "panels" },
      ...panels.map((panel) =>
        markup(panelSvg(panel, null, panel.plot ? { "data-plot": JSON.stringify(panel.plot), tabindex: "0" } : {})),
      ),
    ),
    tag(
      "p",
      { class: "save" },
      tag("a", { href: address, download: `${id}.svg` }, "SVG"),
      " ",
      tag("button", { type: "button", "data-png": address, "data-name": `${id}.png` }, "PNG"),
    ),
  );
}
