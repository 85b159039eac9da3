import { join } from "node:path";
import type { DamagedLine } from "../../files/journal.js";
import { readDone, type Done, type Store } from "../../jobs/job-folder.js";
import { jobsOfRoles } from "../graph/strategy-roles.js";
import { leftOut } from "./export-tensorboard.js";
import { replaceRows } from "./series-files.js";
import type { PartSeries, StrategySeries } from "./series.js";
import { strategyScalars, type FindDone } from "./strategy-scalars.js";
import { followPart, type WatchedPart } from "./watched-part.js";

/** A series to keep up to date. */
export interface WatchedSeries {
  /** It may change when one of these jobs starts or ends. */
  readonly jobs: ReadonlySet<string>;
  /** Whether it also grows while they run. */
  readonly isGrowing: boolean;
  /** @throws StrataError if the disk is full; the next call repairs what is left then */
  update(): Promise<void>;
}

/** @param root  of all series */
export function watchPart(
  store: Store,
  { folder, job }: PartSeries,
  root: string,
  onDamage: (line: string) => void,
): WatchedSeries {
  let state: WatchedPart | null = null;
  const note = (damage: DamagedLine) => onDamage(leftOut(damage, folder));
  const follow = (before: WatchedPart | null) => followPart(store, job.id, join(root, folder), before, note);
  return {
    jobs: new Set([job.id]),
    isGrowing: true,
    async update() {
      const before = state;
      // After a failure, the next update compares everything.
      state = null;
      state = (before === null ? null : await follow(before)) ?? (await follow(null));
    },
  };
}

/** @param root  of all series */
export function watchStrategy(store: Store, series: StrategySeries, root: string): WatchedSeries {
  const find = rememberDone(store);
  return {
    jobs: new Set([series.baseEvaluation, ...jobsOfRoles(series.roles)].map(({ id }) => id)),
    isGrowing: false,
    async update() {
      const rows = strategyScalars(series, find);
      if (rows.length > 0) await replaceRows(join(root, series.folder), rows[0].timestamp, rows);
    },
  };
}

/** A job that is done stays done while its run is executed. */
function rememberDone(store: Store): FindDone {
  const known = new Map<string, Pick<Done, "finished" | "result">>();
  return ({ id }) => {
    const found = known.get(id) ?? readDone(store, id);
    if (found !== null) known.set(id, { finished: found.finished, result: found.result });
    return found;
  };
}
