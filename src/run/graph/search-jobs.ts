import type { HoldOut } from "../../corpus/documents/split.js";
import type { ComputeDType } from "../../device/kernels.js";
import { StrataError } from "../../errors/strata-error.js";
import type { Job, JobInput } from "../../jobs/job.js";
import { lambdaSearch, type LambdaSearch, type StrategyMerge } from "../../merge/settings.js";
import { placeOf } from "../../recipe/places.js";
import type { Recipe } from "../../recipe/recipe.js";
import type { DataParameters } from "../kinds/data.js";
import { createJob } from "../kinds/job-kinds.js";
import type { LineSearchParameters } from "../kinds/line-search.js";
import type { SearchDocumentsParameters } from "../kinds/search-documents.js";
import { asInput } from "./job-input.js";
import type { SearchRoles } from "./strategy-roles.js";

/**
 * What is held out of the data: documents for searches of λ only if a merge searches it, so that the data of other
 * recipes stay the same.
 *
 * @param merges  of all strategies and rounds
 * @throws StrataError if a merge searches λ and `searchHoldOut` is 0
 */
export function holdOutOf(recipe: Recipe, merges: readonly StrategyMerge[]): HoldOut {
  const { holdOut: share, searchHoldOut: search, seed } = recipe;
  if (merges.every((merge) => lambdaSearch(merge) === null)) return { share, seed };
  if (search > 0) return { share, search, seed };
  throw new StrataError("PlanError", {
    where: placeOf(recipe, ["searchHoldOut"]),
    expected: "a share above 0, because a strategy searches λ",
    got: "0",
    hint: "Raise it, for example to 0.01, or give `merge.lambda` as a number.",
  });
}

/** What all searches of λ in a run have in common. */
export interface SearchInputs {
  /** The training data sets. */
  readonly data: readonly DataParameters[];
  readonly tokenizer: Job;
  /** T of the loss. */
  readonly sequenceLength: number;
  readonly dtype: ComputeDType;
  /** Estimated FLOPs of a search, for progress and time estimates. */
  readonly flops: number;
}

/**
 * The search of λ after a merge; null if the strategy gives λ.
 *
 * @param title   of the merge, such as `rounds, round 2`
 * @param base    the model that the parts started from
 * @param merged  the merged model, after the step of the outer optimizer
 * @param parts   the number of parts, which is the largest λ
 */
export function searchJobs(
  title: string,
  merge: StrategyMerge,
  { base, merged, parts }: { readonly base: JobInput; readonly merged: JobInput; readonly parts: number },
  inputs: SearchInputs,
): SearchRoles<Job> | null {
  const search = lambdaSearch(merge);
  if (search === null) return null;
  const documents = searchDocumentsJob(search, inputs);
  return { documents, search: lineSearchJob(title, search, { base, merged, documents, parts }, inputs) };
}

/** Tokenizes the documents on which λ is searched. */
export function searchDocumentsJob(
  { documents }: LambdaSearch["search"],
  { data, tokenizer }: Pick<SearchInputs, "data" | "tokenizer">,
): Job {
  const parameters: SearchDocumentsParameters = { data, documents };
  return createJob({
    kind: "search-documents",
    title: "tokenize the documents for searches of λ",
    parameters,
    inputs: { tokenizer: asInput(tokenizer) },
    flops: 0,
    exclusive: false,
  });
}

export function lineSearchJob(
  title: string,
  { groups }: LambdaSearch["search"],
  models: {
    readonly base: JobInput;
    readonly merged: JobInput;
    readonly documents: Job;
    readonly parts: number;
  },
  { sequenceLength, dtype, flops }: Pick<SearchInputs, "sequenceLength" | "dtype" | "flops">,
): Job {
  const { base, merged, documents, parts } = models;
  const parameters: LineSearchParameters = { maximum: parts, groups, sequenceLength, dtype };
  return createJob({
    kind: "line-search",
    title: `search λ of ${title}`,
    parameters,
    inputs: { base, merged, documents: asInput(documents) },
    flops,
    exclusive: false,
  });
}
