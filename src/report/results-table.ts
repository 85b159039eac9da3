import type { ReportFacts, StrategyFacts } from "./facts.js";
import { durationShare, metricFacts, metricOf, shownColumns, vanillaOf, type Column } from "./columns.js";
import { gapClosed, measuresOf, type Measure } from "./measures/measures.js";
import { formatCount, formatDuration, formatMetric, formatShare, missing } from "./numbers.js";
import { measureCell } from "./tables/table.js";

/** Columns that are never separated when the table is split into blocks; two lines of headings. */
interface Group {
  readonly heading: string;
  readonly columns: readonly { readonly heading: string; cell(strategy: StrategyFacts): string }[];
}

const maxWidth = 120;
/** Of headings of groups. */
const maxHeading = 60;
const gap = "  ";

/**
 * The results as plain text for a terminal: one row per strategy; duration and its share of vanilla's, exchanges, score
 * ± standard error, preserved improvement and gap closed per metric. A table wider than 120 characters is split into
 * blocks with the same rows; longer names are truncated.
 */
export function resultsTable(facts: ReportFacts): string {
  const groups = [durationGroup(facts), ...shownColumns(facts).map((column) => metricGroup(facts, column))].map(
    (group) => formatGroup(group, facts.strategies),
  );
  const room = maxWidth - gap.length - Math.max(...groups.map(([heading]) => heading.length));
  const names = formatGroup(
    { heading: "", columns: [{ heading: "strategy", cell: ({ name }) => truncate(name, room) }] },
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

function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
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
  const heading = truncate(group.heading, maxHeading);
  const width = Math.max(heading.length, lines[0].length);
  return [heading, ...lines].map((line) => (alignRight ? line.padStart(width) : line.padEnd(width)));
}

function durationGroup(facts: ReportFacts): Group {
  const share = {
    heading: "of vanilla",
    cell: (strategy: StrategyFacts) => formatShare(durationShare(facts, strategy)),
  };
  const exchanges = {
    heading: "exchanges",
    cell: ({ seconds, exchanges: count }: StrategyFacts) => (seconds === null ? missing : formatCount(count)),
  };
  return {
    heading: "",
    columns: [
      { heading: "duration", cell: ({ seconds }) => formatDuration(seconds) },
      ...(vanillaOf(facts) ? [share] : []),
      ...(facts.strategies.some(({ exchanges: count }) => count > 1) ? [exchanges] : []),
    ],
  };
}

function metricGroup(facts: ReportFacts, column: Column): Group {
  const score = {
    heading: metricFacts(column).heading,
    cell: ({ scores }: StrategyFacts) => formatMetric(metricOf(scores, column)),
  };
  const share = (measure: Measure) => ({
    heading: measure.heading,
    cell(strategy: StrategyFacts) {
      const { text, error } = measureCell(facts, measure, strategy, column);
      return measure === gapClosed && error ? `${text} ${error}` : text;
    },
  });
  return { heading: column.task, columns: [score, ...measuresOf(facts).map(share)] };
}
