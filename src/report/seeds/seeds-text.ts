import { alignTable } from "../../text/align-table.js";
import { formatDuration, missing } from "../numbers.js";
import type { Cell } from "../tables/table.js";
import { seedsColumns, summarizeSeeds, type SeedsFacts } from "./summary.js";
import { isSame, shareCell, valueCell } from "./tables.js";

/** The means of a run with `seeds` as plain text for a terminal: a table per metric. */
export function seedsText(facts: SeedsFacts): string {
  const strategies = summarizeSeeds(facts);
  const seeds = facts.runs.map(({ seed }) => seed).join(", ");
  const blocks = seedsColumns(facts).map((column) => {
    const rows = strategies.map(({ name, seconds, shareOfVanilla, exchanges, scores }) => {
      const score = scores.find((one) => isSame(one.column, column));
      return [
        name,
        formatDuration(seconds?.mean ?? null),
        text(shareCell(shareOfVanilla)),
        seconds === null ? missing : String(exchanges),
        ...[
          valueCell(score?.value ?? null),
          shareCell(score?.preserved ?? null),
          shareCell(score?.gapClosed ?? null),
        ].map(text),
      ];
    });
    const header = ["strategy", "duration", "of vanilla", "exchanges", "score", "preserved", "gap closed"];
    return `${column.label}, mean of seeds ${seeds} ± standard error\n${alignTable([header, ...rows])}`;
  });
  return blocks.join("\n\n");
}

const text = ({ text: value, error }: Cell) => (error === "" ? value : `${value} ${error}`);
