import type { ReportFacts } from "./facts.js";
import { figurePath, panelSvg, type Figure } from "./figures/figure.js";
import { isOpeningFigure } from "./figures/figures.js";
import { escapeXml, figureStyle } from "./figures/svg.js";
import { headerFacts } from "./markdown.js";
import { methodNotes, reproduction } from "./notes.js";
import { pageStyle } from "./page/page-style.js";
import { savedAs, tableHtml } from "./page/table-html.js";
import type { Table } from "./tables/table.js";
import { reportTables } from "./tables/tables.js";
import { cautions } from "./verdict/cautions.js";
import { verdict } from "./verdict/verdict.js";

/** The report as one page without scripts, external fonts or images; it links the files that are written beside it. */
export function htmlReport(facts: ReportFacts, figures: readonly Figure[]): string {
  const { scores, others } = reportTables(facts);
  const [opening, following] = [true, false].map((isOpening) =>
    figures.filter((figure) => isOpeningFigure(figure) === isOpening),
  );
  const notes = methodNotes(facts).map(
    ({ title, text }) => `<p><strong>${escapeXml(title)}.</strong> ${escapeXml(text)}</p>`,
  );
  const commands = reproduction(facts).map(
    ({ command, text }) => `<p>${command ? `<code>${escapeXml(command)}</code> ` : ""}${escapeXml(text)}</p>`,
  );
  const sections = [
    headerHtml(facts, others),
    ...opening.map((figure) => figureHtml(figure)),
    tableHtml(scores),
    `<h2 id="figures">Figures</h2>`,
    ...following.map((figure) => figureHtml(figure, isFurtherCurve(figure, following))),
    ...others.map((table) => tableHtml(table)),
    `<h2 id="notes">How to read this report</h2>${notes.join("")}`,
    `<h2 id="reproduce">How to reproduce this run</h2>${commands.join("")}`,
  ];
  return htmlPage(facts.name, sections);
}

export function htmlPage(name: string, sections: readonly string[]): string {
  return [
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<meta name="color-scheme" content="light dark">\n<title>${escapeXml(name)} · Strata report</title>`,
    `<style>${figureStyle}${pageStyle()}</style>\n</head>\n<body>\n<main>`,
    `${sections.join("\n")}\n</main>\n</body>\n</html>\n`,
  ].join("\n");
}

function headerHtml(facts: ReportFacts, tables: readonly Table[]): string {
  const links = [
    ["scores", "Scores"],
    ["figures", "Figures"],
    ...tables.filter(({ view }) => view !== "folded").map(({ id, title }) => [id, title]),
    ["notes", "How to read this report"],
    ["reproduce", "Reproduce"],
  ];
  return [
    `<h1>${escapeXml(facts.name)}</h1>`,
    `<p class="verdict">${escapeXml(verdict(facts))}</p>`,
    ...cautions(facts).map((text) => `<p class="caution">${escapeXml(text)}</p>`),
    `<dl>${headerFacts(facts)
      .map(([name, value]) => `<dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd>`)
      .join("")}</dl>`,
    `<nav>${links.map(([id, text]) => `<a href="#${id}">${escapeXml(text)}</a>`).join(" ")}</nav>`,
  ].join("\n");
}

/** There is one curve figure per task: all but the first are collapsed. */
function isFurtherCurve(figure: Figure, all: readonly Figure[]): boolean {
  return figure.id.startsWith("curve-") && all.find(({ id }) => id.startsWith("curve-")) !== figure;
}

/** Three panels of at most this width fit side by side, in pixels. */
const smallPanel = 400;

export function figureHtml(figure: Figure, isCollapsed = false): string {
  const { id, title, caption, panels } = figure;
  const size = panels.every(({ width }) => width <= smallPanel) ? " small" : "";
  const panelsHtml = `<div class="panels${size}">${panels.map((panel) => panelSvg(panel)).join("\n")}</div>`;
  const heading = isCollapsed ? "" : `<h3>${escapeXml(title)}</h3>\n`;
  const text = `<figcaption>${escapeXml(caption)}</figcaption>`;
  const link = savedAs(figurePath(figure), "SVG", `${title} as SVG`);
  const content = `<figure id="figure-${id}">\n${heading}${text}\n${panelsHtml}\n${link}\n</figure>`;
  return isCollapsed ? `<details><summary>${escapeXml(title)}</summary>\n${content}\n</details>` : content;
}
