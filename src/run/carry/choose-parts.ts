import { StrataError } from "../../errors/strata-error.js";
import type { Job } from "../../jobs/job.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import type { PartName } from "../../jobs/packed/pack-format.js";
import type { RunPlan } from "../graph/run-graph.js";
import type { StrategyJobs } from "../graph/strategy-jobs.js";

/** A training of a worker in a round. */
export interface NamedPart extends PartName {
  readonly job: Job;
}

export interface PartChoice {
  readonly strategy?: string;
  /** From 1; by default 1, or, without `part`, the first round that is not done. */
  readonly round?: number;
  /** From 1; all parts of the round if absent. */
  readonly part?: number;
}

/** All parts of all strategies. Parts of several strategies with the same job are all listed. */
export function allParts({ recipe, strategies }: Pick<RunPlan, "recipe" | "strategies">): NamedPart[] {
  return strategies.flatMap(({ strategy, parts }) =>
    parts.flatMap((jobs, round) =>
      jobs.map((job, worker) => ({
        recipe: recipe.name,
        strategy: strategy.name,
        round: round + 1,
        part: worker + 1,
        job,
      })),
    ),
  );
}

/** One part. @throws StrataError if there is none, or several strategies have it */
export function choosePart(
  plan: RunPlan,
  { strategy, round = 1, part }: PartChoice & { readonly part: number },
): NamedPart {
  const named = strategiesOf(plan, strategy).map((jobs) => jobs.strategy.name);
  const found = allParts(plan).filter(
    (one) => named.includes(one.strategy) && one.round === round && one.part === part,
  );
  const [first] = found;
  if (found.length === 1) return first;
  if (first !== undefined && found.every(({ job }) => job.id === first.job.id)) return first;
  const has = (jobs: StrategyJobs) =>
    `${jobs.strategy.name} (${jobs.parts.map((ofRound) => ofRound.length).join(", ")})`;
  throw new StrataError("RunError", {
    where: `part ${part} of round ${round}`,
    expected:
      found.length === 0 ? `a part of a round: ${plan.strategies.map(has).join("; ")}` : "the name of one strategy",
    got: found.length === 0 ? "none" : `parts of ${found.map((one) => one.strategy).join(", ")}`,
    hint:
      found.length === 0
        ? "The numbers are the parts of each round, counted from 1."
        : "Choose one by `--strategy`, or write all parts by `--to FOLDER`.",
  });
}

/** The parts of each strategy's round that are not done yet, each job once. */
export function openParts(plan: RunPlan, store: Store, { strategy, round }: PartChoice): NamedPart[] {
  const isOpen = ({ id }: Job) => readDone(store, id) === null;
  const parts = allParts(plan);
  const chosen = strategiesOf(plan, strategy).flatMap((jobs) => {
    const at = round ?? jobs.parts.findIndex((ofRound) => ofRound.some(isOpen)) + 1;
    return parts.filter((one) => one.strategy === jobs.strategy.name && one.round === at && isOpen(one.job));
  });
  return [...new Map([...chosen].reverse().map((one) => [one.job.id, one])).values()].reverse();
}

function strategiesOf(plan: RunPlan, name?: string): readonly StrategyJobs[] {
  if (name === undefined) return plan.strategies;
  const found = plan.strategies.filter(({ strategy }) => strategy.name === name);
  if (found.length > 0) return found;
  throw new StrataError("RunError", {
    where: "--strategy",
    expected: plan.strategies.map(({ strategy }) => strategy.name).join(", "),
    got: name,
    hint: "Use the name of one of the recipe's strategies.",
  });
}
