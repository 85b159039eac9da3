import type { ReportFacts } from "../facts.js";
import { arrivedTable } from "./arrived-table.js";
import { durationTable, layersTable } from "./duration-tables.js";
import { paperTable } from "./paper-table.js";
import { partScoresTable, partsTable } from "./parts-tables.js";
import { roundsTables } from "./rounds-tables.js";
import { scoreTable } from "./score-table.js";
import type { Table } from "./table.js";

/** The tables of a report: the scores, and those that follow the figures. */
export function reportTables(facts: ReportFacts): { readonly scores: Table; readonly others: readonly Table[] } {
  const optional = [facts.paper ? paperTable(facts) : null, partScoresTable(facts)].filter((table) => table !== null);
  return {
    scores: scoreTable(facts),
    others: [
      ...optional,
      durationTable(facts),
      layersTable(facts),
      ...roundsTables(facts),
      ...[arrivedTable(facts)].filter((table) => table !== null),
      partsTable(facts),
    ],
  };
}
