import { equals } from "../../../text/jinja/values/compare.js";
import type { Dict } from "../../../text/jinja/values/value.js";
import { StrataError } from "../../../errors/strata-error.js";
import { plural } from "../../../text/plural.js";
import { PythonRandom } from "../../task/python-random.js";
import type { TaskConfig } from "../config/task-config.js";

const fewShotSeed = 1234;

/** Draws the examples of a document. Documents must come in order: one random generator serves all. */
export type ExampleSampler = (doc: Dict) => readonly Dict[];

/**
 * Examples as lm-evaluation-harness draws them. If the examples come from the split that is scored, or the task names
 * neither split, one more is drawn and the document itself is left out.
 *
 * @param pool   all documents that examples are drawn from
 * @param shots  examples of each document
 * @throws StrataError if there are too few
 */
export function exampleSampler(config: TaskConfig, pool: readonly Dict[], shots: number): ExampleSampler {
  if (shots === 0) return () => [];
  const { fewshot, splits, task } = config;
  const excludesItself = fewshot.split === splits.test;
  if (fewshot.sampler === "first_n")
    return (doc) => enough(task, excludesItself ? firstOthers(pool, doc, shots) : pool.slice(0, shots), shots);
  const documents = fewshot.indices === null ? pool : fewshot.indices.map((i) => pool[i]);
  const drawn = shots + (excludesItself ? 1 : 0);
  enough(task, documents, drawn);
  const random = new PythonRandom(fewShotSeed);
  return (doc) => {
    const examples = random.sample(documents.length, drawn).map((i) => documents[i]);
    return excludesItself ? enough(task, firstOthers(examples, doc, shots), shots) : examples;
  };
}

/** The first documents that differ from one. */
function firstOthers(documents: readonly Dict[], doc: Dict, count: number): Dict[] {
  const others: Dict[] = [];
  for (let i = 0; i < documents.length && others.length < count; i++)
    if (!equals(documents[i], doc)) others.push(documents[i]);
  return others;
}

function enough(task: string, documents: readonly Dict[], needed: number): readonly Dict[] {
  if (documents.length >= needed) return documents;
  throw new StrataError("EvaluationError", {
    where: `few-shot examples of ${task}`,
    expected: `at least ${plural(needed, "document")} to draw from`,
    got: `${documents.length}`,
    hint: "Ask for fewer examples, or give more documents that they are drawn from.",
  });
}
