import { isOpeningFigure } from "./figures/figures.js";
import type { Figure } from "./figures/figure.js";
import type { ReportFacts } from "./facts.js";
import { formatCount, formatLarge } from "./numbers.js";
import { methodNotes, reproduction } from "./notes.js";
import type { Table } from "./tables/table.js";
import { reportTables } from "./tables/tables.js";
import { cautions } from "./verdict/cautions.js";
import { verdict } from "./verdict/verdict.js";

/** One line of text, with a backslash before each character that is special in Markdown or HTML. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>#|~&]/g, "\\$&");
}

/** Model, machine and version of a run. */
export function headerFacts(facts: ReportFacts): readonly (readonly [string, string])[] {
  const { parameters, layers, start } = facts.model;
  return [
    ["Model", `${formatLarge(parameters)} parameters, ${formatCount(layers)} layers`],
    ["Start", start],
    ["Machine", facts.machine],
    ["Device", facts.device],
    ["Threads", formatCount(facts.threads)],
    ["Seed", String(facts.seed)],
    ["BOS before texts", facts.bos === "auto" ? "as the tokenizer's files say" : facts.bos],
    ["Strata", facts.commit ? `${facts.strataVersion}, commit ${facts.commit}` : facts.strataVersion],
    ["Date", facts.date.replace(/^(.{10})T(.{5}).*Z$/, "$1 $2 UTC")],
  ];
}

/** @param figures  each with its file, relative to the report */
export function markdownReport(
  facts: ReportFacts,
  figures: readonly { readonly figure: Figure; readonly file: string }[],
): string {
  const escape = escapeMarkdown;
  const { scores, others } = reportTables(facts);
  const [opening, following] = [true, false].map((isOpening) =>
    figures.filter(({ figure }) => isOpeningFigure(figure) === isOpening),
  );
  const figureText = ({ figure, file }: (typeof figures)[number]) =>
    `![${escape(figure.title)}](${file})\n\n${escape(figure.caption)}`;
  const sections = [
    `# ${escape(facts.name)}`,
    `**${escape(verdict(facts))}**`,
    ...cautions(facts).map((text) => `> ${escape(text)}`),
    headerFacts(facts)
      .map(([name, value]) => `- ${name}: ${escape(value)}`)
      .join("\n"),
    ...opening.map(figureText),
    tableText(scores),
    "## Figures",
    ...following.map(figureText),
    ...others.map(tableText),
    "## How to read this report",
    methodNotes(facts)
      .map(({ title, text }) => `- **${title}.** ${escape(text)}`)
      .join("\n"),
    "## How to reproduce this run",
    reproduction(facts)
      .map(({ command, text }) => `- ${command ? `\`${command}\`: ` : ""}${escape(text)}`)
      .join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** A folded table with more rows shows this many. */
const maxRows = 20;

export function tableText({ title, note, columns, rows, view, file }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const headings = columns.map(({ group, heading }) => escapeMarkdown(group ? `${group}: ${heading}` : heading));
  const shown = view === "folded" ? evenlySpaced(rows, maxRows) : rows;
  const body = shown.map((row) =>
    line(
      row.map(
        ({ text, error, best }) =>
          `${best ? `**${escapeMarkdown(text)}**` : escapeMarkdown(text)}${error && ` ${error}`}`,
      ),
    ),
  );
  const rule = line(columns.map(({ numeric }) => (numeric ? "---:" : "---")));
  const fewer = `${shown.length} of ${rows.length} rows, evenly spaced; tables/${file} contains all.`;
  const notes = [note, shown.length < rows.length ? fewer : ""].filter((text) => text !== "");
  const heading = `${view === "folded" ? "###" : "##"} ${escapeMarkdown(title)}`;
  const table = rows.length > 0 ? [[line(headings), rule, ...body].join("\n")] : [];
  return [heading, ...notes, ...table].join("\n\n");
}

/** The first, the last and others between them at equal distances. */
function evenlySpaced<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]);
}
