import { readDone, type Store } from "../../jobs/job-folder.js";
import type { ReportFacts, RoundFacts } from "../../report/facts.js";
import type { FactsPlan } from "../graph/plan-record.js";
import { jobsOfRoles, type PlannedJob, type StrategyRoles } from "../graph/strategy-roles.js";
import { partFacts, recordedFacts, type LossReader } from "./report-facts.js";
import { roundFacts } from "./round-facts.js";

/** What a run has found out so far. */
export interface LiveFacts {
  /** The facts of a report of the strategies that are finished; null until the base is evaluated. */
  readonly finished: ReportFacts | null;
  /** The rounds that are merged, or trained by one worker, of strategies that are not finished. */
  readonly unfinished: readonly { readonly name: string; readonly rounds: readonly RoundFacts[] }[];
}

/** @param losses  of a finished training */
export function liveFacts(store: Store, plan: FactsPlan, losses: LossReader): LiveFacts {
  const done = new Map<string, boolean>();
  const isDone = ({ id }: PlannedJob) => {
    if (!done.has(id)) done.set(id, readDone(store, id) !== null);
    return done.get(id) as boolean;
  };
  const strategies = plan.strategies.filter((roles) => jobsOfRoles(roles).every(isDone));
  const hasBase = [plan.initializeJob, plan.baseEvaluation].every(isDone);
  return {
    finished: hasBase ? recordedFacts(store, { ...plan, strategies }, losses) : null,
    unfinished: plan.strategies
      .filter((roles) => !strategies.includes(roles))
      .map((roles) => ({ name: roles.strategy.name, rounds: finishedRounds(store, roles, isDone, losses) }))
      .filter(({ rounds }) => rounds.length > 0),
  };
}

function finishedRounds(
  store: Store,
  { strategy, parts, merges, searches }: StrategyRoles<PlannedJob>,
  isDone: (job: PlannedJob) => boolean,
  losses: LossReader,
): RoundFacts[] {
  const merging = parts.map((round) => (round.length > 1 ? 1 : 0));
  const mergesBefore = (round: number) => merging.slice(0, round).reduce<number>((sum, one) => sum + one, 0);
  const isFinished = (round: number) => {
    const at = mergesBefore(round);
    const after = merging[round] === 0 ? [] : [merges[at], ...(searches[at] ? [searches[at].search] : [])];
    return [...parts[round], ...after].every(isDone);
  };
  const firstOpen = parts.findIndex((_, round) => !isFinished(round));
  const count = firstOpen === -1 ? parts.length : firstOpen;
  const recordOf = ({ id }: PlannedJob) => readDone(store, id);
  const merged = mergesBefore(count);
  return roundFacts(
    parts
      .slice(0, count)
      .flatMap((jobs, round) =>
        jobs.map((job, worker) => partFacts(store, job, { round, worker, strategy: strategy.name }, new Map(), losses)),
      ),
    merges.slice(0, merged).flatMap((job) => recordOf(job) ?? []),
    searches.slice(0, merged).map((jobs) => (jobs === null ? null : recordOf(jobs.search))),
  );
}
