import { serveDashboard } from "../../../dashboard/serve-dashboard.js";
import { runFolders, runsOf, type RunFolder } from "../../../dashboard/state/find-runs.js";
import type { WatchedRun } from "../../../dashboard/state/watched-run.js";
import type { Store } from "../../../jobs/job-folder.js";
import { StrataError } from "../../../errors/strata-error.js";
import { dashboardPort, loopback } from "../../options/dashboard-options.js";
import { openAddress } from "../../environment/open-address.js";
import { interruption } from "../../environment/interruption.js";
import { describeError } from "../../view/describe-error.js";
import { locateRun } from "./locate-run.js";

export interface DashboardCommandOptions {
  readonly runs?: string;
  readonly port: number;
  readonly host: string;
}

/** @param paths  recipes, or folders of runs; all runs of the store if empty */
export async function dashboardCommand(paths: readonly string[], options: DashboardCommandOptions): Promise<void> {
  const runs = paths.length === 0 ? allRuns(options.runs ?? "runs") : await givenRuns(paths, options.runs);
  const signal = interruption();
  const { address, closed } = await serveDashboard({
    runs,
    host: options.host,
    port: options.port,
    signal,
    onError: (error) => void process.stderr.write(`${describeError(error).text}\n`),
  });
  process.stdout.write(`${address}\n`);
  process.stderr.write(`Shows ${runs.map(({ name }) => name).join(", ")}. Press Ctrl-C to end.\n`);
  await closed;
}

/** Serves a run until the signal, and opens its page where there is a desktop. An error of it does not end the run. */
export async function watchInBrowser(
  folder: string,
  store: Store,
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  const onError = (error: unknown) => print(describeError(error).text);
  const serve = (port: number) =>
    serveDashboard({ runs: runsOf([{ folder, store }]), host: loopback, port, signal, onError });
  try {
    const { address } = await serve(dashboardPort).catch(() => serve(0));
    print(`Dashboard: ${address}`);
    openAddress(address, process.env);
  } catch (error) {
    onError(error);
  }
}

function allRuns(folder: string): WatchedRun[] {
  const store = { folder };
  const runs = runsOf(runFolders(store).map((run) => ({ folder: run, store })));
  if (runs.length > 0) return runs;
  throw new StrataError("RunError", {
    where: folder,
    expected: "a folder with runs",
    got: "none",
    hint: "`strata run` starts one; name other folders as arguments, or by --runs.",
  });
}

async function givenRuns(paths: readonly string[], runs: string | undefined): Promise<WatchedRun[]> {
  const found: RunFolder[] = [];
  for (const path of paths) found.push(await locateRun(path, { set: [], runs }));
  return runsOf(found);
}
