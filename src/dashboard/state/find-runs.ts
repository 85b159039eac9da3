import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Store } from "../../jobs/job-folder.js";
import { watchRun, type WatchedRun } from "./watched-run.js";

/** A run, or each seed of a run with `seeds`. */
export function runsOf(folder: string, store: Store): WatchedRun[] {
  const name = basename(folder);
  const seeds = readdirSync(folder)
    .filter((one) => /^seed-\d+$/.test(one) && existsSync(join(folder, one, "jobs.json")))
    .sort((a, b) => Number(a.slice("seed-".length)) - Number(b.slice("seed-".length)));
  if (seeds.length === 0) return [watchRun(name, folder, store)];
  return seeds.map((seed) => watchRun(`${name} ${seed}`, join(folder, seed), store));
}

/** All folders of a store that are runs, by name. */
export function runFolders(store: Store): string[] {
  if (!existsSync(store.folder)) return [];
  return readdirSync(store.folder)
    .map((name) => join(store.folder, name))
    .filter((folder) => existsSync(join(folder, "jobs.json")))
    .sort();
}
