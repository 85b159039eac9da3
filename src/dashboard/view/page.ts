import { version } from "../../version.js";
import type { WatchedRun } from "../state/watched-run.js";
import { comparedLosses, comparedScores, comparedScoresPath } from "./comparison.js";
import { figureMarkup } from "./figures.js";
import { jobsTable, logMarkup } from "./jobs.js";
import { laneCells, lanes, stateSigns } from "./lanes.js";
import { lossesFigure } from "./losses.js";
import { commandsMarkup, recipeMarkup } from "./recipe.js";
import { resultsMarkup, verdictSoFar, type Addresses } from "./results.js";
import { failures, summary } from "./summary.js";
import { tableMarkup } from "./tables.js";
import { tag, type Markup } from "./tag.js";
import { viewQuery, type ViewState } from "./view-state.js";

/** The parts of a page that change, by the ids of their elements. */
export type Regions = ReadonlyMap<string, Markup>;

/** A region with its heading, in the order of the page. */
interface Section {
  readonly id: string;
  /** "" for none. */
  readonly title: string;
}

const runSections: readonly Section[] = [
  { id: "summary", title: "" },
  { id: "failures", title: "" },
  { id: "verdict", title: "" },
  { id: "log", title: "" },
  { id: "lanes", title: "Parts" },
  { id: "losses", title: "Training loss" },
  { id: "results", title: "Scores and figures" },
  { id: "jobs", title: "All jobs" },
  { id: "commands", title: "Commands" },
  { id: "recipe", title: "Recipe" },
];
const comparedSections: readonly Section[] = [
  { id: "losses", title: "Training loss" },
  { id: "results", title: "Scores" },
];

const sectionsOf = ({ run }: ViewState) => (run === null ? comparedSections : runSections);

/** Addresses below that of a run: `/runs/INDEX/…`. */
export function addressesOf(index: number): Addresses & { log(job: string): string; losses(view: ViewState): string } {
  return {
    figure: (id) => `/runs/${index}/figures/${id}.svg`,
    table: (file) => `/runs/${index}/tables/${file}`,
    log: (job) => `/runs/${index}/logs/${job}`,
    losses: (view) => `/runs/${index}/figures/losses.svg${viewQuery(view).slice(1)}`,
  };
}

/** All regions of a page, with their content now. */
export function regionsOf(runs: readonly WatchedRun[], view: ViewState): Regions {
  const regions = new Map<string, Markup>([["runs", runsMarkup(runs, view)]]);
  for (const [id, content] of view.run === null
    ? comparedRegions(runs, view)
    : runRegions(runs[view.run], view.run, view))
    regions.set(id, content);
  return regions;
}

function runRegions(run: WatchedRun, index: number, view: ViewState): Map<string, Markup> {
  const addresses = addressesOf(index);
  const losses = lossesFigure(run, view);
  return new Map([
    ["summary", summary(run)],
    ["failures", failures(run, view)],
    ["verdict", verdictSoFar(run)],
    ["log", logMarkup(run, view, addresses.log)],
    // Each cell is a separate region: it changes more often.
    ["lanes", lanesMarkup(run, view, new Map())],
    ...laneCells(run, view),
    [
      "losses",
      losses === null ? tag("p", { class: "note" }, "No steps yet.") : figureMarkup(losses, addresses.losses(view)),
    ],
    ["results", resultsMarkup(run, addresses)],
    ["jobs", jobsTable(run, view, addresses.table("jobs.csv"))],
    ["commands", commandsMarkup(run)],
    ["recipe", recipeMarkup(run)],
  ]);
}

function lanesMarkup(run: WatchedRun, view: ViewState, cells: Regions): Markup {
  if (run.plan !== null) return lanes(run, view, cells);
  return tag(
    "p",
    { class: "note" },
    "An earlier version of Strata started this run, without a record of its plan; `strata run` writes one.",
  );
}

function comparedRegions(runs: readonly WatchedRun[], view: ViewState): Map<string, Markup> {
  const losses = comparedLosses(runs, view);
  const scores = comparedScores(runs, view);
  const none = (text: string) => tag("p", { class: "note" }, text);
  return new Map([
    [
      "losses",
      losses === null ? none("No steps yet.") : figureMarkup(losses, `/compared/losses.svg${viewQuery(view).slice(1)}`),
    ],
    ["results", scores === null ? none("No scores yet.") : tableMarkup(scores, comparedScoresPath)],
  ]);
}

/** One link for each run with its state, and one for all. */
function runsMarkup(runs: readonly WatchedRun[], view: ViewState): Markup {
  if (runs.length === 1) return tag("h1", {}, runs[0].name);
  const link = (run: ViewState["run"], text: string) =>
    tag(
      "a",
      { href: viewQuery(view, { run, job: null, strategy: null }), "aria-current": view.run === run ? "page" : null },
      text,
    );
  return tag(
    "nav",
    { "aria-label": "runs" },
    ...runs.flatMap((run, index) => [link(index, `${signOf(run)} ${run.name}`), " "]),
    link(null, "compare all"),
  );
}

function signOf({ status }: WatchedRun): string {
  const states = new Set(status?.jobs.map(({ state }) => state));
  const shown = (["failed", "running", "queued", "waiting", "done"] as const).find((state) => states.has(state));
  return stateSigns[shown ?? "waiting"];
}

/** The whole page. */
export function page(runs: readonly WatchedRun[], view: ViewState): string {
  const regions = regionsOf(runs, view);
  const content = (id: string) =>
    id === "lanes" && view.run !== null ? lanesMarkup(runs[view.run], view, regions) : (regions.get(id) ?? null);
  const title = view.run === null ? "all runs" : runs[view.run].name;
  const head = tag(
    "head",
    {},
    tag("meta", { charset: "utf-8" }),
    tag("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    tag("meta", { name: "color-scheme", content: "light dark" }),
    tag("title", {}, `${title} · Strata`),
    tag("link", { rel: "stylesheet", href: "/style.css" }),
    tag("script", { type: "module", src: "/script.js" }),
  );
  const sections = sectionsOf(view).map(({ id, title: heading }) =>
    tag(
      "section",
      { id: `section-${id}` },
      heading === "" ? null : tag("h2", {}, heading),
      id === "losses" ? controls(runs, view) : null,
      tag("div", { id, "data-region": true }, content(id)),
    ),
  );
  const body = tag(
    "body",
    {},
    tag("header", {}, tag("div", { id: "runs", "data-region": true }, content("runs")), themeControl(), connection()),
    tag("main", {}, ...sections),
    tag(
      "footer",
      {},
      tag("p", { class: "note" }, `Strata ${version}. Everything here is read from the files of the runs.`),
    ),
  );
  return `<!doctype html>\n${tag("html", { lang: "en" }, head, body).html}\n`;
}

function controls(runs: readonly WatchedRun[], view: ViewState): Markup {
  const names = new Set(runs.flatMap(({ plan }) => (plan?.strategies ?? []).map(({ strategy }) => strategy.name)));
  const shown =
    view.run === null ? names : new Set((runs[view.run].plan?.strategies ?? []).map(({ strategy }) => strategy.name));
  const option = (value: string, text: string, selected: boolean) => tag("option", { value, selected }, text);
  return tag(
    "form",
    { class: "controls", method: "get", action: "/" },
    view.run === null || view.run > 0 ? tag("input", { type: "hidden", name: "run", value: view.run ?? "all" }) : null,
    tag(
      "label",
      {},
      "smoothing ",
      tag("input", { type: "range", name: "smoothing", min: 0, max: 0.99, step: 0.01, value: view.smoothing }),
    ),
    tag(
      "label",
      {},
      "strategy ",
      tag(
        "select",
        { name: "strategy" },
        option("", "all", view.strategy === null),
        ...[...shown].map((name) => option(name, name, view.strategy === name)),
      ),
    ),
    view.run === null
      ? tag(
          "label",
          {},
          "a panel per ",
          tag(
            "select",
            { name: "by" },
            option("strategy", "strategy", view.by === "strategy"),
            option("run", "run", view.by === "run"),
          ),
        )
      : null,
    tag("noscript", {}, tag("button", {}, "Show")),
  );
}

function themeControl(): Markup {
  return tag(
    "label",
    { class: "theme" },
    "colors ",
    tag("select", { id: "theme" }, ...["system", "light", "dark"].map((name) => tag("option", { value: name }, name))),
  );
}

function connection(): Markup {
  return tag("p", { id: "connection", class: "note", role: "status" }, "");
}
