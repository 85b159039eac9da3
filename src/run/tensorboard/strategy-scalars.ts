import type { TaskScores } from "../../evaluate/output/scores.js";
import type { Done } from "../../jobs/job-folder.js";
import type { MergeRecord } from "../../merge/settings.js";
import type { Scalars } from "../../report/tensorboard/scalars.js";
import type { PlannedJob } from "../graph/strategy-roles.js";
import type { LineSearchResult } from "../kinds/line-search.js";
import { snapshotStep, type TrainFacts } from "../kinds/train-parameters.js";
import type { StrategySeries } from "./series.js";

/** The record of a finished job; null if it is not finished. */
export type FindDone = (job: PlannedJob) => Pick<Done, "finished" | "result"> | null;

/** A fact of a strategy at a step, before those of the same step are joined. */
interface Fact {
  readonly step: number;
  readonly done: Pick<Done, "finished">;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * What is known of a strategy by now, in the order of steps: the scores of the base at 0, those during the training and
 * at its end, and the merge of each round. A step is one of the worker with the most steps of each round, counted over
 * rounds. The time is that of the last job which recorded something of a step.
 */
export function strategyScalars({ roles, baseEvaluation }: StrategySeries, find: FindDone): Scalars[] {
  const ends = roundEnds(roles.parts, find);
  const base = find(baseEvaluation);
  const facts = [...(base === null ? [] : [scoresAt(0, base)]), ...mergeFacts(roles, ends, find)];
  for (const { fraction, round, evaluation } of roles.curve) {
    const done = find(evaluation);
    const [end, isAtEnd] = [ends[round], roles.parts.length > 1];
    if (done !== null && end !== undefined) facts.push(scoresAt(isAtEnd ? end : snapshotStep(fraction, end), done));
  }
  const final = find(roles.evaluation);
  if (final !== null && ends.length === roles.parts.length) facts.push(scoresAt(ends[ends.length - 1], final));
  return joined(facts);
}

/** The steps up to the end of each round, of the rounds whose parts are all finished. */
function roundEnds(parts: readonly (readonly PlannedJob[])[], find: FindDone): number[] {
  const ends: number[] = [];
  for (const round of parts) {
    const steps = round.map((job) => (find(job)?.result as TrainFacts | undefined)?.steps);
    if (steps.includes(undefined)) break;
    ends.push((ends.at(-1) ?? 0) + Math.max(...(steps as number[])));
  }
  return ends;
}

function mergeFacts(
  { parts, merges, searches }: StrategySeries["roles"],
  ends: readonly number[],
  find: FindDone,
): Fact[] {
  const merged = [...ends.keys()].filter((round) => parts[round].length > 1);
  return merged.flatMap((round, i): Fact[] => {
    const merge = find(merges[i]);
    if (merge === null) return [];
    const search = searches[i] === null ? null : find(searches[i].search);
    const record = merge.result as MergeRecord;
    // The merge before a search of λ has 1.
    const given = searches[i] === null ? record.settings.lambda : null;
    const lambda = (search?.result as LineSearchResult | undefined)?.lambda ?? given;
    const values = { "merge/cosine": record.cosine, "merge/lambda": lambda, "merge/norm_ratio": record.meanNormRatio };
    const known = Object.entries(values).filter((one): one is [string, number] => typeof one[1] === "number");
    return [{ step: ends[round], done: search ?? merge, values: Object.fromEntries(known) }];
  });
}

function scoresAt(step: number, done: Pick<Done, "finished" | "result">): Fact {
  const scores = done.result as readonly TaskScores[];
  const values = scores.flatMap(({ task, metrics }) =>
    Object.entries(metrics).map(([name, { value }]) => [`score/${task}/${name}`, value ?? NaN] as const),
  );
  return { step, done, values: Object.fromEntries(values) };
}

/** One object per step, without steps of which nothing is known. */
function joined(facts: readonly Fact[]): Scalars[] {
  const steps = new Map<number, Scalars>();
  for (const { step, done, values } of facts) {
    const known = steps.get(step) ?? { step, timestamp: 0, values: {} };
    const timestamp = Math.max(known.timestamp, Date.parse(done.finished) / 1000);
    if (Object.keys(values).length > 0) steps.set(step, { step, timestamp, values: { ...known.values, ...values } });
  }
  return [...steps.values()].sort((a, b) => a.step - b.step);
}
