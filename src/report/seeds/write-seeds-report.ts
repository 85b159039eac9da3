import { join } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { writeFileAtomic } from "../../files/atomic-file.js";
import { plural } from "../../text/plural.js";
import { escapeXml } from "../figures/svg.js";
import { figureFile, figurePath, type Figure } from "../figures/figure.js";
import { figureHtml, htmlPage } from "../html.js";
import { escapeMarkdown, headerFacts, tableText } from "../markdown.js";
import { tableHtml } from "../page/table-html.js";
import type { Table } from "../tables/table.js";
import type { WrittenReport } from "../write-report.js";
import { seedsCsv } from "./seeds-csv.js";
import { seedsFigure } from "./seeds-figure.js";
import { seedsVerdict } from "./seeds-verdict.js";
import { summarizeSeeds, type SeedsFacts } from "./summary.js";
import { seedsTables } from "./tables.js";

/**
 * Writes the combined report of a run with `seeds`: report.html, report.md, figures/*.svg and tables/*.csv.
 *
 * @param folder  with a folder `seed-N` for each seed, which has its own report
 */
export function writeSeedsReport(folder: string, facts: SeedsFacts): WrittenReport {
  const strategies = summarizeSeeds(facts);
  const tables = seedsTables(facts, strategies);
  const verdict = seedsVerdict(facts, strategies);
  const figure = seedsFigure(strategies);
  const page = { facts, verdict, tables, figure };
  const write = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileAtomic(path, content);
    return path;
  };
  for (const name of ["tables", "figures"]) createFolder(join(folder, name));
  return {
    html: write("report.html", html(page)),
    markdown: write("report.md", markdown(page)),
    csv: Object.entries(seedsCsv(strategies)).map(([name, text]) => write(`tables/${name}`, text)),
    figures: figure === null ? [] : [write(figurePath(figure), figureFile(figure))],
  };
}

interface Page {
  readonly facts: SeedsFacts;
  readonly verdict: string;
  readonly tables: readonly Table[];
  readonly figure: Figure | null;
}

/** Model, machine and version, which are the same for all seeds. */
function header({ runs }: SeedsFacts): (readonly [string, string])[] {
  return headerFacts(runs[0]).map(([name, value]) =>
    name === "Seed" ? ["Seeds", runs.map(({ seed }) => seed).join(", ")] : [name, value],
  );
}

const reproduce =
  "`strata run recipe.yaml` repeats the run of all seeds with the recipe.yaml next to this report; finished jobs are " +
  "not repeated. tables/*.csv contain all numbers in full precision.";

function html({ facts, verdict, tables, figure }: Page): string {
  const { name, runs } = facts;
  const links = runs.map(({ seed }) => `<a href="seed-${seed}/report.html">seed ${seed}</a>`).join("");
  const rows = header(facts).map(([key, value]) => `<dt>${escapeXml(key)}</dt><dd>${escapeXml(value)}</dd>`);
  return htmlPage(name, [
    `<h1>${escapeXml(name)}: ${plural(runs.length, "seed")}</h1>`,
    `<p class="verdict">${escapeXml(verdict)}</p>`,
    `<dl>${rows.join("")}</dl>`,
    `<nav class="files">${links}</nav>`,
    ...(figure === null ? [] : [figureHtml(figure)]),
    ...tables.map((table) => tableHtml(table)),
    `<h2 id="reproduce">How to reproduce this run</h2><p>${escapeXml(reproduce.replaceAll("`", ""))}</p>`,
  ]);
}

function markdown({ facts, verdict, tables, figure }: Page): string {
  const { name, runs } = facts;
  const links = runs.map(({ seed }) => `[seed ${seed}](seed-${seed}/report.md)`).join(", ");
  const sections = [
    `# ${escapeMarkdown(name)}: ${plural(runs.length, "seed")}`,
    `**${escapeMarkdown(verdict)}**`,
    header(facts)
      .map(([key, value]) => `- ${key}: ${escapeMarkdown(value)}`)
      .join("\n"),
    `Reports of the seeds: ${links}`,
    ...(figure === null ? [] : [`![${escapeMarkdown(figure.title)}](${figurePath(figure)})\n\n${figure.caption}`]),
    ...tables.map(tableText),
    "## How to reproduce this run",
    reproduce,
  ];
  return `${sections.join("\n\n")}\n`;
}
