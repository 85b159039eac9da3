import type { Job } from "../../jobs/job.js";
import type { Strategy } from "../../plan/strategy.js";

/** What displays and facts need of a job of a plan. */
export type PlannedJob = Pick<Job, "id" | "kind" | "title" | "parameters" | "flops">;

/** The jobs of one strategy, by role: as jobs, or as their ids. */
export interface StrategyRoles<J> {
  readonly strategy: Strategy;
  /** [round][worker] */
  readonly parts: readonly (readonly J[])[];
  /** One per round of several workers. */
  readonly merges: readonly J[];
  /** The search of λ after each merge; null where the strategy gives λ. */
  readonly searches: readonly (SearchRoles<J> | null)[];
  readonly evaluation: J;
  /** Of the parts of the last round; empty unless the recipe asks for them. */
  readonly partEvaluations: readonly J[];
  readonly curve: readonly CurvePoint<J>[];
}

/** The jobs of one search: `documents` is the same job for all searches with as many documents. */
export interface SearchRoles<J> {
  readonly documents: J;
  readonly search: J;
}

/** An evaluation during training: of the strategy's model after `fraction` of its steps. */
export interface CurvePoint<J = Job> {
  readonly fraction: number;
  /** The round that it is in or at the end of. */
  readonly round: number;
  /** Merges the parts' snapshots; null where the model exists already. */
  readonly merge: J | null;
  readonly evaluation: J;
}

/** The same roles of what `find` makes of each job. */
export function mapRoles<A, B>(roles: StrategyRoles<A>, find: (job: A) => B): StrategyRoles<B> {
  return {
    strategy: roles.strategy,
    parts: roles.parts.map((round) => round.map(find)),
    merges: roles.merges.map(find),
    searches: roles.searches.map((jobs) =>
      jobs === null ? null : { documents: find(jobs.documents), search: find(jobs.search) },
    ),
    evaluation: find(roles.evaluation),
    partEvaluations: roles.partEvaluations.map(find),
    curve: roles.curve.map(({ merge, evaluation, ...point }) => ({
      ...point,
      merge: merge === null ? null : find(merge),
      evaluation: find(evaluation),
    })),
  };
}

/** The jobs of a strategy, some of them more than once. */
export function jobsOfRoles<J>({ parts, merges, searches, evaluation, partEvaluations, curve }: StrategyRoles<J>): J[] {
  return [
    ...parts.flat(),
    ...merges,
    ...searches.flatMap((jobs) => (jobs === null ? [] : [jobs.documents, jobs.search])),
    evaluation,
    ...partEvaluations,
    ...curve.flatMap(({ merge, evaluation: scored }) => (merge ? [merge, scored] : [scored])),
  ];
}
