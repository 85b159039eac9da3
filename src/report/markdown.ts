import type { Figure } from "./figures/figure.js";
import type { ReportFacts } from "./facts.js";
import { formatCount, formatLarge } from "./numbers.js";
import { methodNotes, reproduction } from "./notes.js";
import { reportTables, type Table } from "./tables.js";
import { cautions, verdict } from "./verdict.js";

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
  const [scores, ...others] = reportTables(facts);
  const sections = [
    `# ${escape(facts.name)}`,
    `**${escape(verdict(facts))}**`,
    ...cautions(facts).map((text) => `> ${escape(text)}`),
    headerFacts(facts)
      .map(([name, value]) => `- ${name}: ${escape(value)}`)
      .join("\n"),
    tableText(scores),
    "## Figures",
    ...figures.map(({ figure, file }) => `![${escape(figure.title)}](${file})\n\n${escape(figure.caption)}`),
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

export function tableText({ title, note, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const headings = columns.map(({ group, heading }) => escapeMarkdown(group ? `${group}: ${heading}` : heading));
  const body = rows.map((row) =>
    line(
      row.map(
        ({ text, error, best }) =>
          `${best ? `**${escapeMarkdown(text)}**` : escapeMarkdown(text)}${error && ` ${error}`}`,
      ),
    ),
  );
  const rule = line(columns.map(({ numeric }) => (numeric ? "---:" : "---")));
  return [`## ${title}`, "", note, "", line(headings), rule, ...body].join("\n");
}
