import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ServerResponse } from "node:http";
import { logPath } from "../../jobs/job-log.js";
import { figureFile, type Figure } from "../../report/figures/figure.js";
import type { WatchedRun } from "../state/watched-run.js";
import { comparedLosses, comparedScoresCsv, comparedScoresPath } from "../view/comparison.js";
import { lossesFigure } from "../view/losses.js";
import { page } from "../view/page.js";
import { csvOf, resultFigures } from "../view/results.js";
import { parseView } from "../view/view-state.js";
import { style } from "./style.js";

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">' +
  '<path d="M1 4h14M1 8h14M1 12h14" stroke="#0072b2" stroke-width="2.5"/></svg>';

/** An answer to a GET request. */
interface Answer {
  readonly type: string;
  /** A path: the content of a file. */
  readonly body: string | { readonly path: string };
}

/** Answers a request for anything but events. Only files of the runs can be asked for, each by its own rule. */
export async function answer(response: ServerResponse, url: URL, runs: readonly WatchedRun[]): Promise<void> {
  const found = await find(url, runs);
  if (found === null) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("There is no such page.\n");
    return;
  }
  response.writeHead(200, { "content-type": `${found.type}; charset=utf-8`, "cache-control": "no-store" });
  if (typeof found.body === "string") response.end(found.body);
  else
    createReadStream(found.body.path)
      .on("error", () => response.destroy())
      .pipe(response);
}

async function find({ pathname, searchParams }: URL, runs: readonly WatchedRun[]): Promise<Answer | null> {
  const view = parseView(searchParams, runs.length);
  if (pathname === "/") return { type: "text/html", body: page(runs, view) };
  // Browsers ask for it; without an answer they report an error.
  if (pathname === "/favicon.ico") return { type: "image/svg+xml", body: icon };
  if (pathname === "/style.css") return { type: "text/css", body: style };
  if (pathname === comparedScoresPath) return { type: "text/csv", body: comparedScoresCsv(runs) };
  if (pathname === "/compared/losses.svg") return figure(comparedLosses(runs, view));
  const script = /^\/([\w-]+)\.js$/.exec(pathname)?.[1];
  if (script !== undefined) return scriptOf(script);
  const [, index, kind, name] = /^\/runs\/(\d+)\/(figures|tables|logs)\/([\w.-]+)$/.exec(pathname) ?? [];
  const run = index === undefined ? undefined : runs[Number(index)];
  if (run === undefined) return null;
  if (kind === "logs") return logOf(run, name);
  if (kind === "figures") {
    const own = name === "losses.svg" ? lossesFigure(run, view) : null;
    return figure(own ?? resultFigures(run).find(({ id }) => `${id}.svg` === name) ?? null);
  }
  const csv = csvOf(run, name);
  return csv === null ? null : { type: "text/csv", body: csv };
}

function figure(found: Figure | null): Answer | null {
  return found === null ? null : { type: "image/svg+xml", body: figureFile(found) };
}

/** Only of jobs of the run. */
function logOf(run: WatchedRun, job: string): Answer | null {
  const isOwn = run.status?.jobs.some(({ id }) => id === job) ?? false;
  const path = logPath(run.store, job);
  return isOwn && existsSync(path) ? { type: "text/plain", body: { path } } : null;
}

/** The compiled modules of ../browser. */
async function scriptOf(name: string): Promise<Answer | null> {
  const path = fileURLToPath(new URL(`../browser/${name}.js`, import.meta.url));
  return existsSync(path) ? { type: "text/javascript", body: await readFile(path, { encoding: "utf8" }) } : null;
}
