import type { ReportFacts } from "./facts.js";
import { panelSvg, type Figure } from "./figures/figure.js";
import { isOpeningFigure } from "./figures/figures.js";
import { escapeXml, figureStyle } from "./figures/svg.js";
import { headerFacts } from "./markdown.js";
import { methodNotes, reproduction } from "./notes.js";
import type { Table } from "./tables/table.js";
import { reportTables } from "./tables/tables.js";
import { cautions } from "./verdict/cautions.js";
import { verdict } from "./verdict/verdict.js";

const pageStyle = `
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
main{max-width:1160px;margin:0 auto;padding:24px 20px 64px}
h1{margin:0 0 8px;font-size:28px;line-height:1.2}h2{margin:44px 0 6px;font-size:21px}
h3{margin:28px 0 4px;font-size:17px}
p{margin:6px 0;max-width:85ch}.note,figcaption,caption{color:var(--muted);font-size:14px}
.verdict{font-size:19px;border-left:4px solid var(--k1);padding:4px 0 4px 14px;margin:16px 0}
.caution{border-left:4px solid var(--k4);padding:2px 0 2px 14px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 18px;margin:16px 0;font-size:15px}dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
nav{font-size:15px;margin:12px 0}nav a{margin-right:14px;white-space:nowrap}a{color:var(--k0)}
.wide{overflow-x:auto;margin:10px 0}.tall{max-height:480px;overflow-y:auto}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;border-bottom:1px solid var(--grid);text-align:left;vertical-align:top}
thead th{vertical-align:bottom}
thead th{border-bottom:1px solid var(--muted);font-weight:600}
th.group{text-align:center;border-bottom:1px solid var(--grid);border-left:1px solid var(--grid)}
.first{border-left:1px solid var(--grid)}.number{text-align:right}td.number{white-space:nowrap}
td.best{font-weight:700}small{display:block;font-size:12px;font-weight:400;line-height:1.1;color:var(--muted)}
tbody th{font-weight:500;white-space:nowrap;position:sticky;left:0;background:var(--ground)}
#scores+p+div th,#scores+p+div td{padding:5px 7px}
tbody tr:hover{background:color-mix(in srgb,var(--grid) 45%,transparent)}
figure{margin:12px 0 28px}summary{font-size:17px;font-weight:600;margin:14px 0;cursor:pointer}
.panels{display:flex;flex-wrap:wrap;gap:18px 22px;margin-top:10px}.panels svg{flex:none;max-width:100%;height:auto}
code{font:14px ui-monospace,Menlo,Consolas,monospace;background:var(--grid);padding:1px 5px;border-radius:4px}
@media print{.tall{max-height:none}figure svg{break-inside:avoid}}
`;

/** The report as a self-contained page: no scripts, and no external fonts or images. */
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
    ...others.map(tableHtml),
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
    `<style>${figureStyle}${pageStyle}</style>\n</head>\n<body>\n<main>`,
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

export function tableHtml(table: Table): string {
  const { id, title, note, rows, view } = table;
  const text = note === "" ? "" : `\n<p class="note">${escapeXml(note)}</p>`;
  const isFolded = view === "folded";
  const grid =
    rows.length === 0
      ? ""
      : `<div class="wide${view === "whole" ? "" : " tall"}" tabindex="0" role="region" ` +
        `aria-label="${escapeXml(title)}"><table>${tableRows(table)}</table></div>`;
  return isFolded
    ? `<details id="${id}"><summary>${escapeXml(title)}</summary>${text}\n${grid}\n</details>`
    : `<h2 id="${id}">${escapeXml(title)}</h2>${text}\n${grid}`;
}

function tableRows(table: Table): string {
  const { columns, rows } = table;
  const first = columns.map(({ group }, index) => group !== "" && columns[index - 1]?.group !== group);
  const classes = (index: number, best: boolean) => {
    const names = [columns[index].numeric ? "number" : "", first[index] ? "first" : "", best ? "best" : ""].filter(
      (name) => name !== "",
    );
    return names.length > 0 ? ` class="${names.join(" ")}"` : "";
  };
  const headings = columns
    .map(({ heading }, index) => `<th scope="col"${classes(index, false)}>${escapeXml(heading)}</th>`)
    .join("");
  const body = rows.map((row) => {
    const cells = row.map(({ text, error, best }, index) => {
      const content = `${escapeXml(text)}${error && ` <small>${escapeXml(error)}</small>`}`;
      return index === 0
        ? `<th scope="row"${classes(0, false)}>${content}</th>`
        : `<td${classes(index, best)}>${content}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const head = `<thead>${groupRow(table)}<tr>${headings}</tr></thead>`;
  return `${head}<tbody>\n${body.join("\n")}\n</tbody>`;
}

function groupRow({ columns }: Table): string {
  if (columns.every(({ group }) => group === "")) return "";
  const cells: string[] = [];
  for (let from = 0; from < columns.length;) {
    const { group } = columns[from];
    let end = from + 1;
    while (end < columns.length && columns[end].group === group) end++;
    cells.push(
      group === ""
        ? `<td colspan="${end - from}"></td>`
        : `<th scope="colgroup" class="group" colspan="${end - from}">${escapeXml(group)}</th>`,
    );
    from = end;
  }
  return `<tr>${cells.join("")}</tr>`;
}

/** There is one curve figure per task: all but the first are collapsed. */
function isFurtherCurve(figure: Figure, all: readonly Figure[]): boolean {
  return figure.id.startsWith("curve-") && all.find(({ id }) => id.startsWith("curve-")) !== figure;
}

export function figureHtml({ id, title, caption, panels }: Figure, isCollapsed = false): string {
  const panelsHtml = `<div class="panels">${panels.map((panel) => panelSvg(panel)).join("\n")}</div>`;
  const heading = isCollapsed ? "" : `<h3>${escapeXml(title)}</h3>\n`;
  const text = `<figcaption>${escapeXml(caption)}</figcaption>`;
  const figure = `<figure id="figure-${id}">\n${heading}${text}\n${panelsHtml}\n</figure>`;
  return isCollapsed ? `<details><summary>${escapeXml(title)}</summary>\n${figure}\n</details>` : figure;
}
