import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Store } from "../../jobs/job-folder.js";
import { watchRun, type WatchedRun } from "./watched-run.js";

/** The folder of a run, or of a run with `seeds`. */
export interface RunFolder {
  readonly folder: string;
  readonly store: Store;
}

/** The runs of folders, each seed of a run as a run; named after their folders, with their paths where names repeat. */
export function runsOf(given: readonly RunFolder[]): WatchedRun[] {
  const names = given.map(({ folder }) => basename(folder));
  const isUnique = (name: string) => names.indexOf(name) === names.lastIndexOf(name);
  return given.flatMap((run, index) => seedsOf(isUnique(names[index]) ? names[index] : run.folder, run));
}

function seedsOf(name: string, { folder, store }: RunFolder): WatchedRun[] {
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
