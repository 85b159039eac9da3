import { StrataError } from "../../errors/strata-error.js";
import type { Job } from "../../jobs/job.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import { placeOf } from "../../recipe/places.js";
import type { RunPlan } from "../graph/run-graph.js";
import type { DataParameters } from "../kinds/data.js";
import type { EvaluateParameters } from "../kinds/evaluate.js";
import type { InitializeParameters } from "../kinds/initialize.js";
import type { TokenizeParameters, TokenizeResult } from "../kinds/tokenize.js";
import type { TokenizerParameters } from "../kinds/tokenizer.js";
import { checkAmounts } from "./check-amounts.js";
import { checkChats } from "./check-chats.js";
import { checkTask } from "./check-task.js";
import { checkTokenizer, type KnownTokenizer } from "./check-tokenizer.js";
import { readFirstDocuments } from "./first-documents.js";
import { boundTokens, type TokenBound } from "./token-bound.js";

/**
 * Finds what would stop a run, before any job starts: a tokenizer that does not fit the model, records that no job can
 * use, and trainings that need more data than there can be. Reads the first records of every file only, and leaves out
 * what finished jobs have used already.
 *
 * @returns the plan, with notes on what the user should know
 * @throws StrataError
 */
export async function checkPlan(plan: RunPlan, store: Store): Promise<RunPlan> {
  const isOpen = ({ id }: Job) => readDone(store, id) === null;
  const open = plan.jobs.filter(isOpen);
  if (open.length === 0) return plan;
  checkLength(plan);
  const tokenizer = knownTokenizer(plan);
  const bounds = new Map<string, TokenBound>();
  for (const { id, title, parameters } of plan.jobs.filter(({ kind }) => kind === "tokenize")) {
    const done = readDone(store, id);
    const data = parameters as TokenizeParameters;
    if (done !== null) bounds.set(id, countedTokens(done.result as TokenizeResult));
    else {
      const first = await readFirstDocuments(data);
      if ("messages" in data.text) checkChats(title, first.items, data.lossOn, tokenizer);
      bounds.set(id, boundTokens(data, first, tokenizer));
    }
  }
  for (const data of onlyForTokenizer(open)) await readFirstDocuments(data);
  const evaluation = plan.baseEvaluation.parameters as EvaluateParameters;
  const notes = [...plan.notes];
  if (open.some(({ kind }) => kind === "evaluate"))
    for (const task of evaluation.tasks) notes.push(...(await checkTask(task, tokenizer, plan.config.maxPositions)));
  return { ...plan, notes: [...notes, ...checkAmounts(plan, store, bounds)] };
}

/** The shapes of a recipe are checked with it; the positions of a model folder are known only now. */
function checkLength({ recipe, config: { maxPositions } }: RunPlan): void {
  const { sequenceLength } = recipe.training;
  if (sequenceLength <= maxPositions) return;
  throw new StrataError("PlanError", {
    where: placeOf(recipe, ["training", "sequenceLength"]),
    expected: `at most the model's max_position_embeddings (${maxPositions})`,
    got: String(sequenceLength),
    hint: "Shorten the sequences.",
  });
}

function countedTokens({ documents, tokens }: TokenizeResult): TokenBound {
  return { documents, tokens, longest: tokens };
}

function knownTokenizer({ recipe, tokenizerPath, initializeJob, config }: RunPlan): KnownTokenizer | null {
  if (tokenizerPath === null) return null;
  const hasRows = "files" in (initializeJob.parameters as InitializeParameters);
  return checkTokenizer(tokenizerPath, hasRows ? config.vocabSize : null, recipe.bos);
}

/** Data sets that the tokenizer is trained on and nothing else. */
function onlyForTokenizer(open: readonly Job[]): DataParameters[] {
  const tokenized = new Set(
    open.filter(({ kind }) => kind === "tokenize").map(({ parameters }) => (parameters as TokenizeParameters).source),
  );
  return open.flatMap(({ kind, parameters }) => {
    if (kind !== "tokenizer" || !("data" in (parameters as TokenizerParameters))) return [];
    const { data } = parameters as { data: readonly DataParameters[] };
    return data.filter((set) => !tokenized.has(set.source));
  });
}
