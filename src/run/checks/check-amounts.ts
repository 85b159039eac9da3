import type { ShardManifest } from "../../corpus/shards/shard-manifest.js";
import { StrataError } from "../../errors/strata-error.js";
import type { Job } from "../../jobs/job.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import { largestDefaultBatch } from "../../recipe/defaults/depth-rules.js";
import { placeOf } from "../../recipe/places.js";
import { pathOfStrategy } from "../../recipe/resolve-strategies.js";
import { plural } from "../../text/plural.js";
import type { RunPlan } from "../graph/run-graph.js";
import type { ShardsParameters } from "../kinds/shards.js";
import { stepAt, stepsOf, type TrainParameters } from "../kinds/train-parameters.js";
import type { TokenBound } from "./token-bound.js";

/** The tokens of shards, or what they cannot exceed. */
interface ShardTokens {
  readonly isExact: boolean;
  /** @param shards  the index of one, or all indices */
  of(shards: readonly number[]): number;
}

/**
 * Checks that every training that is still to run has enough data for its sequences, steps and rounds: exactly where
 * the data are cut into shards, else as well as the bounds tell. A batch of no more sequences than the largest
 * default may repeat those of a small shard.
 *
 * @param bounds  by tokenize job; a missing one is unknown
 * @returns notes on batches that repeat sequences and rounds without a step
 * @throws StrataError naming the recipe's key
 */
export function checkAmounts(plan: RunPlan, store: Store, bounds: ReadonlyMap<string, TokenBound>): readonly string[] {
  const notes = new Set<string>();
  const jobs = new Map(plan.jobs.map((job) => [job.id, job]));
  for (const job of plan.jobs) {
    if (job.kind === "shards") checkDocuments(plan, store, job, bounds);
    if (job.kind !== "train" || readDone(store, job.id) !== null) continue;
    const tokens = tokensOfShards(jobs.get(job.inputs.data.job) as Job, store, bounds);
    const found = checkTraining(job.parameters as TrainParameters, tokens, placeOfTraining(plan, job));
    for (const note of found) notes.add(note);
  }
  return [...notes];
}

function checkDocuments(plan: RunPlan, store: Store, job: Job, bounds: ReadonlyMap<string, TokenBound>): void {
  if (readDone(store, job.id) !== null) return;
  const { shards } = job.parameters as ShardsParameters;
  const documents = sumOf(job, bounds, "documents");
  if (documents >= shards) return;
  if (documents === 0) {
    throw new StrataError("PlanError", {
      where: placeOf(plan.recipe, ["data"]),
      expected: "documents to train on",
      got: "none in the training data",
      hint: "Check their files: they have no record, or only held-out ones (`holdOut`).",
    });
  }
  throw new StrataError("PlanError", {
    where: placeOf(plan.recipe, ["shards"]),
    expected: `at most ${documents}: the training data have ${plural(documents, "document")} or fewer`,
    got: String(shards),
    hint: "Lower `shards`, or use more documents; `separator` splits one .txt file into several.",
  });
}

function tokensOfShards(job: Job, store: Store, bounds: ReadonlyMap<string, TokenBound>): ShardTokens {
  const done = readDone(store, job.id);
  if (done !== null) {
    const { shards } = done.result as ShardManifest;
    return { isExact: true, of: (indices) => indices.reduce((sum, index) => sum + shards[index].tokens, 0) };
  }
  const { shards: count, shares } = job.parameters as ShardsParameters;
  const total = sumOf(job, bounds, "tokens");
  const longest = Math.max(...sourcesOf(job).map((id) => bounds.get(id)?.longest ?? Infinity));
  return {
    isExact: false,
    // A shard ends at the document boundary nearest to its share.
    of([index, ...others]) {
      if (others.length + 1 === count) return total;
      return Math.min(total, total * (shares?.[index] ?? 1 / count) + longest);
    },
  };
}

function sourcesOf({ inputs }: Job): string[] {
  return Object.values(inputs).map(({ job }) => job);
}

function sumOf(job: Job, bounds: ReadonlyMap<string, TokenBound>, key: "documents" | "tokens"): number {
  return sourcesOf(job).reduce((sum, id) => sum + (bounds.get(id)?.[key] ?? Infinity), 0);
}

/** Where the recipe has a setting of a training: in the pre-training, a strategy that changes it, or `training`. */
function placeOfTraining({ recipe, pretrainJob, strategies }: RunPlan, { id }: Job): (key: SettingKey) => string {
  if (id === pretrainJob?.id) return (key) => placeOf(recipe, ["model", "pretrain", "training", key]);
  return (key) => {
    const owner = strategies.find(({ strategy: { rounds }, parts }) =>
      parts.some((jobs, round) => key in rounds[round].training && jobs.some((job) => job.id === id)),
    );
    return placeOf(recipe, [...(owner ? pathOfStrategy(recipe, owner.strategy.name) : []), "training", key]);
  };
}

type SettingKey = "sequenceLength" | "batchSize";

function checkTraining(
  parameters: TrainParameters,
  shardTokens: ShardTokens,
  place: (key: SettingKey) => string,
): readonly string[] {
  const { shards, settings, from, to } = parameters;
  const { sequenceLength: T, batchSize } = settings;
  const tokens = Math.floor(shardTokens.of(shards));
  const what = describeShards(parameters, tokens, shardTokens.isExact);
  const hint = "Use more data, fewer shards, or lower `sequenceLength` or `batchSize`.";
  if (tokens < T + 1) {
    throw new StrataError("PlanError", {
      where: place("sequenceLength"),
      expected: `at most ${Math.max(0, tokens - 1)} tokens and their targets: ${what}`,
      got: String(T),
      hint,
    });
  }
  const sequences = Math.floor((tokens - 1) / T);
  if (batchSize > Math.max(sequences, largestDefaultBatch)) {
    throw new StrataError("PlanError", {
      where: place("batchSize"),
      expected: `at most ${plural(sequences, "sequence")} of ${plural(T, "token")}: ${what}`,
      got: String(batchSize),
      hint,
    });
  }
  const steps = stepsOf(parameters, sequences);
  const few = plural(sequences, "sequence");
  return [
    ...(batchSize > sequences ? [`A batch of ${batchSize} sequences repeats ${few} of ${T} tokens: ${what}`] : []),
    ...(stepAt(to, steps) === stepAt(from, steps)
      ? [`Only ${plural(steps, "step")} for the rounds of a strategy, so that some train nothing: ${what}`]
      : []),
  ];
}

/** `shard 2 of 4 has 1,234 tokens`, or `can have no more than` */
function describeShards({ shards, shardCount }: TrainParameters, tokens: number, isExact: boolean): string {
  const isWhole = shards.length === shardCount;
  const name = isWhole ? "the training data" : `shard ${shards[0] + 1} of ${shardCount}`;
  const verb = isExact ? (isWhole ? "have" : "has") : "can have no more than";
  return `${name} ${verb} ${tokens.toLocaleString("en")} tokens`;
}
