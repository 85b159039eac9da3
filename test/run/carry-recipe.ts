import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readDone, type Store } from "../../src/jobs/job-folder.js";
import { planRun, type RunPlan } from "../../src/run/graph/run-graph.js";
import { copyPrepared, smallRecipe, writeSmallRecipe } from "./small-recipe.js";
import { strata, type Ended } from "./strata.js";

/** One round, rounds with momentum, and rounds that send rounded changes and keep a residual. */
export const carried = [
  "training.amount.steps=16",
  "strategies=[slerp-1, {name: rounds, windows: [full, full, full, full], rounds: 2, " +
    "merge: {method: union, outerOptimizer: {learningRate: 0.7, momentum: 0.5}}}, " +
    "{name: sent, windows: [0-3, 1-4, 0-3, 1-4], rounds: 2, exchange: int8, merge: {method: union}}]",
  "baselines=[]",
  "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
];

/** One round of four parts. */
export const carriedOnce = [
  "training.amount.steps=8",
  "strategies=[slerp-1]",
  "baselines=[]",
  "evaluateAt=[]",
  "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
];

/** A run of the recipe in a folder of its own. */
export interface CarriedRun {
  readonly folder: string;
  readonly recipe: string;
  readonly store: Store;
  readonly plan: RunPlan;
  /** Runs a command on the recipe. */
  command(name: string, ...more: readonly string[]): Promise<Ended>;
}

/** @param prepared  a run of the same recipe, whose data and start model are copied */
export async function carriedRun(
  folder: string,
  overrides: readonly string[] = carried,
  prepared: CarriedRun | null = null,
): Promise<CarriedRun> {
  const recipe = writeSmallRecipe(folder);
  const runs = join(folder, "runs");
  const set = overrides.flatMap((one) => ["--set", one]);
  const plan = await planRun(await smallRecipe(folder, overrides));
  if (prepared !== null) copyPrepared(plan, prepared.store.folder, runs);
  return {
    folder,
    recipe,
    store: { folder: runs },
    plan,
    command: (name, ...more) => strata([name, recipe, ...more, "--runs", runs, ...set]),
  };
}

/** Works on a part or a folder of parts as a machine with this name. */
export function workOn(path: string, host: string, ...more: readonly string[]): Promise<Ended> {
  return strata(["work", path, "--threads", "1", ...more], () => {}, { STRATA_HOST: host });
}

/** Trains parts of a folder on another machine: their files are moved there, and the results are moved back. */
export async function carryTo(machine: string, folder: string, names: readonly string[], host: string): Promise<Ended> {
  for (const name of names) renameSync(join(folder, name), join(machine, name));
  const worked = await workOn(machine, host);
  for (const name of names) {
    const done = name.replace(/\.strata$/, ".done.strata");
    if (existsSync(join(machine, done))) renameSync(join(machine, done), join(folder, done));
    rmSync(join(machine, name));
  }
  return worked;
}

/** All outputs that a run has are those of another run of the same recipe; those of jobs run here are complete. */
export function expectSameOutputs({ store, plan }: CarriedRun, other: Store): void {
  const hashes = (at: Store, id: string) =>
    Object.fromEntries(Object.entries(readDone(at, id)?.outputs ?? {}).map(([name, { sha256 }]) => [name, sha256]));
  for (const { id, kind, title } of plan.jobs) {
    const [found, expected] = [hashes(store, id), hashes(other, id)];
    expect(Object.keys(found).length, title).toBeGreaterThan(0);
    if (kind === "train") expect(expected, title).toMatchObject(found);
    else expect(found, title).toEqual(expected);
  }
}

/** The facts of the report without what differs between runs: times, threads and machines. */
export function ledgerOf({ store, plan }: CarriedRun): unknown {
  const path = join(store.folder, plan.recipe.name, "ledger.json");
  return JSON.parse(readFileSync(path, "utf8"), (key, value: unknown) =>
    /seconds|threads|machine|commit|date/i.test(key) ? undefined : value,
  ) as unknown;
}
