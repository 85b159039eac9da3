import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { isHubReference, parseHubReference } from "../../hub/repository.js";
import { totalParameters } from "../../model/config/parameter-counts.js";
import type { ModelFolder } from "../../model/files/model-folder.js";
import { readJson } from "../../model/files/read-config.js";
import { formatRecipe } from "../../recipe/format-recipe.js";
import type { Recipe } from "../../recipe/recipe.js";
import type { TaskScores } from "../../evaluate/output/scores.js";
import type { ModelCardFacts } from "../../report/model-card.js";
import { checkoutCommit } from "../../commit.js";
import { version } from "../../version.js";
import type { MergeRecord } from "../../merge/settings.js";
import type { Round } from "../../plan/strategy.js";
import type { StrategyJobs } from "../graph/strategy-jobs.js";
import { formatWindow } from "../../model/config/window.js";
import type { Job } from "../../jobs/job.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import type { TrainFacts } from "../kinds/train-parameters.js";
import { describeStrategy } from "./describe-strategy.js";
import { doneOf } from "./report-facts.js";
import type { RunPlan } from "../graph/run-graph.js";
import { readText } from "../../files/read-text.js";

/**
 * The facts of a strategy's model card, from the records of its jobs; without scores if it is not evaluated yet.
 *
 * @param jobs   null for the base
 * @param start  the run's initial model, whose card and configuration name its origin
 */
export function modelCardFacts(
  store: Store,
  plan: RunPlan,
  jobs: StrategyJobs | null,
  start: ModelFolder,
): ModelCardFacts {
  const { recipe } = plan;
  const scoresOf = (job: Job) => (readDone(store, job.id)?.result ?? []) as TaskScores[];
  const trained = jobs?.parts[0]?.[0] ?? plan.pretrainJob;
  const done = trained ? doneOf(store, trained) : null;
  const base = pretrainedText(recipe);
  return {
    recipe: recipe.name,
    strategy: jobs?.strategy.name ?? "base",
    description: jobs ? describeStrategy(jobs.strategy) : base,
    baseModel: "folder" in recipe.model ? baseModelName(recipe.model.folder, start.folder) : null,
    carried: "folder" in recipe.model ? carriedMembers(start.folder) : {},
    family: start.config.family,
    parameters: totalParameters(start.config),
    dtypes: [...new Set([...start.tensors.values()].map(({ dtype }) => dtype))],
    parts: (jobs?.parts ?? []).flatMap((round, index) =>
      round.map((job, worker) => {
        const { steps, tokens, window } = doneOf(store, job).result as TrainFacts;
        return { round: index, worker, window: formatWindow(window), steps, tokens };
      }),
    ),
    merge: jobs && jobs.merges.length > 0 ? mergeFacts(store, jobs) : null,
    scores: scoresOf(jobs?.evaluation ?? plan.baseEvaluation),
    baseScores: scoresOf(plan.baseEvaluation),
    strataVersion: done?.version ?? version,
    commit: done?.commit ?? checkoutCommit(),
    recipeText: formatRecipe(withoutFolders(recipe) as Recipe),
  };
}

function pretrainedText({ model }: Recipe): string {
  return "pretrain" in model ? `pre-trained on ${model.pretrain.data.join(", ")}` : "not trained further";
}

/** Of the last merge. */
function mergeFacts(store: Store, { strategy: { rounds }, merges }: StrategyJobs): ModelCardFacts["merge"] {
  const { merge } = rounds.findLast(({ windows }) => windows.length > 1) as Round;
  const { method, ...settings } = merge;
  const { attribution } = doneOf(store, merges[merges.length - 1]).result as MergeRecord;
  return { method, settings, arrived: attribution };
}

/** A path's last component; for models of the hub or of its cache, their name on the hub. */
function shortName(path: string): string {
  if (isHubReference(path)) return path;
  const cached = /models--([^/]+)--([^/]+)\/snapshots\/[^/]+$/.exec(path);
  return cached ? `${cached[1]}/${cached[2]}` : basename(path);
}

/**
 * The model's name on the hub if the recipe, the cache path or the configuration contains it; else the folder's name.
 *
 * @param folder  as the recipe has it: a path or `hf:ID@REVISION`
 * @param copy    a folder with the model's config.json
 */
export function baseModelName(folder: string, copy: string): string {
  if (isHubReference(folder)) return parseHubReference(folder, "model").id;
  const { _name_or_path: recorded } = readJson(join(copy, "config.json")) as { _name_or_path?: unknown };
  return typeof recorded === "string" && /^[\w.-]+\/[\w.-]+$/.test(recorded) ? recorded : shortName(folder);
}

/** Front matter that is copied from the base's card. */
const carried = ["license", "license_name", "license_link", "language"];

function carriedMembers(folder: string): Readonly<Record<string, unknown>> {
  const path = join(folder, "README.md");
  const text = existsSync(path) ? readText(path) : "";
  const front = /^---\r?\n(.*?)\r?\n---\r?\n/s.exec(text)?.[1];
  if (front === undefined) return {};
  let members: unknown;
  try {
    members = parse(front);
  } catch {
    return {};
  }
  const entries = typeof members === "object" && members !== null ? Object.entries(members) : [];
  return Object.fromEntries(entries.filter(([name]) => carried.includes(name)));
}

/** The recipe with file and folder names instead of paths of this machine. */
function withoutFolders(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutFolders);
  if (typeof value !== "object" || value === null) return value;
  const shorten = (path: unknown) => (typeof path === "string" ? shortName(path) : withoutFolders(path));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === "file" || name === "folder") return [name, shorten(member)];
      return [name, name === "files" && Array.isArray(member) ? member.map(shorten) : withoutFolders(member)];
    }),
  );
}
