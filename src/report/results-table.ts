import { durationShare, metricFacts, metricOf, candidates, shownColumns, vanillaOf, type Column } from "./columns.js";
import type { ReportFacts, StrategyFacts } from "./facts.js";
import { formatMetric, formatDuration, formatShare } from "./numbers.js";
import { preservedText } from "./tables.js";

/** Columns that are never separated when the table is split into blocks; two lines of headings. */
interface Group {
  readonly heading: string;
  readonly columns: readonly { readonly heading: string; cell(strategy: StrategyFacts): string }[];
}

const maxWidth = 120;
const gap = "  ";

/**
 * The results as plain text for a terminal: one row per strategy; duration and its share of vanilla's, score ± standard
 * error and preserved improvement per metric. A table wider than 120 characters is split into blocks with the same
 * rows.
 */
export function resultsTable(facts: ReportFacts): string {
  const groups = [durationGroup(facts), ...shownColumns(facts).map((column) => metricGroup(facts, column))].map(
    (group) => formatGroup(group, facts.strategies),
  );
  const names = formatGroup(
    { heading: "", columns: [{ heading: "strategy", cell: ({ name }) => name }] },
    facts.strategies,
    false,
  );
  const blocks: (readonly string[])[][] = [];
  let width = Infinity;
  for (const group of groups) {
    width += gap.length + group[0].length;
    if (width > maxWidth) {
      blocks.push([names]);
      width = names[0].length + gap.length + group[0].length;
    }
    blocks[blocks.length - 1].push(group);
  }
  return blocks.map(joinBlock).join("\n\n");
}

function joinBlock(parts: readonly (readonly string[])[]): string {
  const lines = parts[0].map((_, row) =>
    parts
      .map((part) => part[row])
      .join(gap)
      .trimEnd(),
  );
  const rule = "─".repeat(Math.max(...lines.map((line) => line.length)));
  return [...lines.slice(0, 2), rule, ...lines.slice(2)].join("\n");
}

/** Lines of equal length: the group heading, the column headings, one line per strategy. */
function formatGroup(group: Group, strategies: readonly StrategyFacts[], alignRight = true): string[] {
  const cells = group.columns.map(({ heading, cell }) => {
    const texts = [heading, ...strategies.map(cell)];
    const width = Math.max(...texts.map((text) => text.length));
    return texts.map((text) => (alignRight ? text.padStart(width) : text.padEnd(width)));
  });
  const lines = cells[0].map((_, row) => cells.map((column) => column[row]).join(gap));
  const width = Math.max(group.heading.length, lines[0].length);
  return [group.heading, ...lines].map((line) => (alignRight ? line.padStart(width) : line.padEnd(width)));
}

function durationGroup(facts: ReportFacts): Group {
  const duration = { heading: "duration", cell: ({ seconds }: StrategyFacts) => formatDuration(seconds) };
  const share = {
    heading: "of vanilla",
    cell: (strategy: StrategyFacts) => formatShare(durationShare(facts, strategy)),
  };
  return { heading: "", columns: vanillaOf(facts) ? [duration, share] : [duration] };
}

function metricGroup(facts: ReportFacts, column: Column): Group {
  const score = {
    heading: metricFacts(column)?.heading ?? column.metric,
    cell: ({ scores }: StrategyFacts) => formatMetric(metricOf(scores, column)),
  };
  const share = {
    heading: "preserved",
    cell: (strategy: StrategyFacts) => preservedText(facts, strategy, column).text,
  };
  return { heading: column.task, columns: vanillaOf(facts) && candidates(facts).length > 0 ? [score, share] : [score] };
}
