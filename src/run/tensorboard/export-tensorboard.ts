import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DamagedLine } from "../../files/journal.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import type { Recipe } from "../../recipe/recipe.js";
import { seedRecipes } from "../../recipe/seed-recipes.js";
import { readPlan } from "../graph/plan-record.js";
import { claimFolder, refuseForeign } from "./output-folder.js";
import { trainingJournal } from "../facts/training-journal.js";
import { partStart, partSteps, type PartReading } from "./part-scalars.js";
import { seriesOf, type AllSeries, type PartSeries, type StrategySeries } from "./series.js";
import { replaceRows } from "./series-files.js";
import { strategyScalars } from "./strategy-scalars.js";
import type { Scalars } from "../../report/tensorboard/scalars.js";

export interface TensorboardExport {
  readonly recipe: Recipe;
  readonly store: Store;
  /** Of the run. */
  readonly run: string;
  /** To write; replaced if an earlier export wrote it. */
  readonly folder: string;
  /** Whether to write also into a folder with files of other programs, which stay. */
  readonly force: boolean;
  /** Receives what is missing. */
  readonly onNote: (line: string) => void;
  /** @param done  of `total` folders */
  readonly onProgress: (done: number, total: number, folder: string) => void;
}

export interface ExportedSeries {
  /** Of trained parts that have started, and of strategies that have scores. */
  readonly folders: number;
  /** Recorded steps of parts. */
  readonly steps: number;
}

/**
 * Writes what a run has recorded so far for TensorBoard and as JSON lines, from the files of the run alone. The bytes
 * of a finished run are the same each time.
 *
 * @throws StrataError if the run was never prepared, or a done.json is damaged
 */
export async function exportTensorboard(options: TensorboardExport): Promise<ExportedSeries> {
  const { folder, force, onProgress } = options;
  const all = seriesOfRun(options);
  const series = [...all.strategies, ...all.parts];
  if (!force) refuseForeign(folder, "Choose another folder, or --force to keep these files and write beside them.");
  const lease = claimFolder(folder);
  const total = { folders: 0, steps: 0 };
  try {
    for (const [i, one] of series.entries()) {
      onProgress(i, series.length, one.folder);
      const rows = "job" in one ? await exportPart(options, one) : await exportStrategy(options, one);
      total.folders += rows > 0 ? 1 : 0;
      total.steps += "job" in one ? rows : 0;
    }
  } finally {
    lease.release();
  }
  return total;
}

/** All seeds together. */
function seriesOfRun({ recipe, run }: TensorboardExport): AllSeries {
  const seeds = seedRecipes(recipe)?.map((seed) => seed.folder) ?? [""];
  const all = seeds.map((seed) => seriesOf(readPlan(join(run, seed)), seed));
  return { parts: all.flatMap(({ parts }) => parts), strategies: all.flatMap(({ strategies }) => strategies) };
}

/** @returns the number of recorded steps */
async function exportPart({ store, folder, onNote }: TensorboardExport, part: PartSeries): Promise<number> {
  const path = trainingJournal(store, part.job.id);
  const start = partStart(store, part.job.id);
  if (start === null) return 0;
  if (!existsSync(path)) onNote(`${path} does not exist: ${part.folder} has no steps`);
  const onDamage = (damage: DamagedLine) => onNote(leftOut(damage, part.folder));
  return exportRows(join(folder, part.folder), start, scalarsOf({ path, start, onDamage, after: null }));
}

function* scalarsOf(reading: PartReading): Generator<Scalars> {
  for (const { scalars } of partSteps(reading)) yield scalars;
}

/** What a note says of a damaged journal. */
export function leftOut({ where, expected, got }: DamagedLine, folder: string): string {
  return `${where} is damaged: expected ${expected}, got ${got}; ${folder} ends before this step`;
}

/** @returns the number of steps of which something is known */
async function exportStrategy({ store, folder }: TensorboardExport, series: StrategySeries): Promise<number> {
  const rows = strategyScalars(series, ({ id }) => readDone(store, id));
  return rows.length === 0 ? 0 : exportRows(join(folder, series.folder), rows[0].timestamp, rows);
}

async function exportRows(folder: string, start: number, rows: Iterable<Scalars>): Promise<number> {
  let count = 0;
  const counted = function* () {
    for (const row of rows) {
      count++;
      yield row;
    }
  };
  await replaceRows(folder, start, counted());
  return count;
}
