import { join } from "node:path";
import { shardFiles } from "../../corpus/shards/shard-files.js";
import { isHubReference, parseHubReference } from "../../hub/repository.js";
import { jobFolder, outputsAt, readDone, type Done, type Store } from "../../jobs/job-folder.js";
import type { Job } from "../../jobs/job.js";
import type { FetchedFile } from "../../jobs/packed/pack-format.js";
import type { CarriedInput, PartContent } from "../../jobs/packed/plan-part.js";
import { formatRecipe } from "../../recipe/format-recipe.js";
import type { RunPlan } from "../graph/run-graph.js";
import type { TrainParameters } from "../kinds/train-parameters.js";
import type { NamedPart } from "./choose-parts.js";

/** Where the worker gets the weights of a model of the hub from: the pack, or the hub. */
export const weightSources = ["carry", "hub"] as const;
export type WeightSource = (typeof weightSources)[number];

/** What a part takes along. Its inputs must be done. */
export function partContent(plan: RunPlan, store: Store, part: NamedPart, weights: WeightSource): PartContent {
  const { job, ...name } = part;
  return {
    name,
    job,
    recipe: formatRecipe(plan.recipe),
    instructions: plan.recipe.machine.instructions,
    returns: returnsOf(job, plan.jobs),
    base: job.inputs.start,
    inputs: carriedInputs(store, job),
    fetch: weights === "hub" ? fetchedWeights(plan, store, job) : [],
  };
}

/** The outputs of a job that other jobs of the run read. */
function returnsOf({ id }: Job, jobs: readonly Job[]): string[] {
  const read = jobs.flatMap(({ inputs }) => Object.values(inputs).filter((input) => input.job === id));
  return [...new Set(read.map(({ path }) => path))].sort();
}

function carriedInputs(store: Store, { inputs, parameters }: Job): CarriedInput[] {
  const outputs = new Map<string, Set<string>>();
  for (const [name, { job, path }] of Object.entries(inputs)) {
    const read =
      name === "data"
        ? shardFiles(jobFolder(store, job), (parameters as TrainParameters).shards)
        : outputsAt(readDone(store, job) as Done, path).map(([output]) => output);
    outputs.set(job, new Set([...(outputs.get(job) ?? []), ...read]));
  }
  return [...outputs].map(([job, names]) => ({ job, outputs: [...names] }));
}

/** Whether a part starts from a model of the hub, whose weights another machine can download. */
export function startsFromHub(plan: RunPlan, { inputs }: Job): boolean {
  const { model } = plan.recipe;
  return inputs.start.job === plan.initializeJob.id && "folder" in model && isHubReference(model.folder);
}

function fetchedWeights(plan: RunPlan, store: Store, job: Job): FetchedFile[] {
  const { model } = plan.recipe;
  if (!startsFromHub(plan, job) || !("folder" in model)) return [];
  const { id: repository, revision: commit } = parseHubReference(model.folder, "model");
  const { job: start, path } = job.inputs.start;
  return outputsAt(readDone(store, start) as Done, path)
    .filter(([name]) => name.endsWith(".safetensors"))
    .map(([name, { bytes, sha256 }]) => ({
      repository,
      commit,
      path: name.slice(path.length + 1),
      bytes,
      sha256,
      target: join("jobs", start, name),
    }));
}
