import { join } from "node:path";
import type { FactsPlan } from "../graph/plan-record.js";
import type { PlannedJob, StrategyRoles } from "../graph/strategy-roles.js";

/** The steps of one trained part, in a folder that TensorBoard shows as a run. */
export interface PartSeries {
  /** Relative to the exported folder. */
  readonly folder: string;
  readonly job: PlannedJob;
}

/** The scores and merges of one strategy. */
export interface StrategySeries {
  readonly folder: string;
  readonly roles: StrategyRoles<PlannedJob>;
  readonly baseEvaluation: PlannedJob;
}

export interface AllSeries {
  readonly parts: readonly PartSeries[];
  readonly strategies: readonly StrategySeries[];
}

/**
 * What a run exports. A part that several strategies share is under each of them, so that the folder of a strategy is
 * complete and the filter `^slerp-1/` shows all of it.
 *
 * @param prefix  folder that all others are in; empty without `seeds`
 */
export function seriesOf(
  { pretrainJob, baseEvaluation, strategies }: Omit<FactsPlan, "recipe">,
  prefix = "",
): AllSeries {
  const pretrain = pretrainJob === null ? [] : [{ folder: join(prefix, "base", "pretrain"), job: pretrainJob }];
  return {
    parts: [...pretrain, ...strategies.flatMap((roles) => partsOf(roles, prefix))],
    strategies: strategies.map((roles) => ({ folder: join(prefix, roles.strategy.name), roles, baseEvaluation })),
  };
}

/** `NAME/part-1`, or `NAME/round-01-part-1`: numbers from 1, of equal width so that names sort as they do. */
function partsOf({ strategy, parts }: StrategyRoles<PlannedJob>, prefix: string): PartSeries[] {
  const most = Math.max(...parts.map((round) => round.length));
  return parts.flatMap((workers, round) =>
    workers.map((job, worker) => {
      const part = `part-${padded(worker + 1, most)}`;
      const name = parts.length > 1 ? `round-${padded(round + 1, parts.length)}-${part}` : part;
      return { folder: join(prefix, strategy.name, name), job };
    }),
  );
}

function padded(number: number, most: number): string {
  return String(number).padStart(String(most).length, "0");
}
