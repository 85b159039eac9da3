import { arrivedCsv, csvTables, roundsCsv } from "../../report/csv.js";
import { reportFigures } from "../../report/figures/figures.js";
import type { Figure } from "../../report/figures/figure.js";
import { arrivedTable } from "../../report/tables/arrived-table.js";
import { roundsTables } from "../../report/tables/rounds-tables.js";
import type { Table } from "../../report/tables/table.js";
import { reportTables } from "../../report/tables/tables.js";
import { cautions } from "../../report/verdict/cautions.js";
import { verdict } from "../../report/verdict/verdict.js";
import type { WatchedRun } from "../state/watched-run.js";
import { figureMarkup } from "./figures.js";
import { jobsCsv } from "./jobs.js";
import { tableMarkup } from "./tables.js";
import { tag, type Markup } from "./tag.js";

/** The addresses of what can be saved from the page of a run. */
export interface Addresses {
  figure(id: string): string;
  table(file: string): string;
}

/** The verdict of the report on the strategies that are finished. */
export function verdictSoFar(run: WatchedRun): Markup {
  const { finished } = run.facts;
  if (finished === null || finished.strategies.length < 2)
    return tag("p", { class: "note" }, "No scores yet: the verdict needs the base and one finished strategy.");
  const open = (run.plan?.strategies.length ?? 0) - (finished.strategies.length - 1);
  const soFar = open > 0 ? `So far, with ${finished.strategies.length - 1} strategies finished and ${open} open: ` : "";
  return tag(
    "div",
    {},
    tag("p", { class: "verdict" }, `${soFar}${verdict(finished)}`),
    ...(open > 0 ? [] : cautions(finished)).map((text) => tag("p", { class: "caution" }, text)),
  );
}

/** The figures of the report, of finished strategies; without the losses, which the page draws as they grow. */
export function resultFigures({ facts: { finished } }: WatchedRun): Figure[] {
  return finished === null ? [] : reportFigures(finished).filter(({ id }) => id !== "losses");
}

export function resultsMarkup(run: WatchedRun, addresses: Addresses): Markup {
  const figures = resultFigures(run).map((figure) => figureMarkup(figure, addresses.figure(figure.id)));
  const tables = resultTables(run).map((table) => tableMarkup(table, addresses.table(table.file)));
  if (tables.length + figures.length === 0)
    return tag("p", { class: "note" }, "None yet: they appear when a strategy or a round is finished.");
  return tag("div", {}, ...tables.slice(0, 1), ...figures, ...tables.slice(1));
}

/** The tables of the report; of strategies that are not finished, their rounds so far. */
function resultTables({ facts: { finished, unfinished } }: WatchedRun): Table[] {
  const own = finished === null ? null : reportTables(finished);
  const open = { strategies: unfinished.map((one) => ({ ...one, exchanges: one.rounds.length })) };
  const rounds = open.strategies.length === 0 ? [] : roundsTables(open).map(ofOpen);
  const arrived = arrivedTable(open);
  return [
    ...(own === null ? [] : [own.scores]),
    ...rounds,
    ...(arrived === null ? [] : [ofOpen(arrived)]),
    ...(own?.others ?? []),
  ];
}

const ofOpen = (table: Table): Table => ({
  ...table,
  id: `open-${table.id}`,
  title: `${table.title}, so far`,
  file: `open-${table.file}`,
});

/** A table of the page of a run as CSV, by the name of its file; null if there is none. */
export function csvOf(run: WatchedRun, file: string): string | null {
  const { finished, unfinished } = run.facts;
  if (file === "jobs.csv") return jobsCsv(run);
  const open = { strategies: unfinished };
  const tables = {
    ...(finished === null ? {} : csvTables(finished)),
    ...(unfinished.length === 0 ? {} : { "open-rounds.csv": roundsCsv(open), "open-arrived.csv": arrivedCsv(open) }),
  };
  return Object.hasOwn(tables, file) ? (tables as Record<string, string>)[file] : null;
}
