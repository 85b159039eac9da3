import { atRecord, StrataError } from "../../../errors/strata-error.js";
import { plural } from "../../../text/plural.js";
import { repr, toText } from "../../../text/jinja/values/text.js";
import type { Dict, Value } from "../../../text/jinja/values/value.js";
import type { TaskConfig } from "../config/task-config.js";
import type { TaskDocuments } from "../data/open-task-documents.js";
import type { SplitDocuments } from "../data/read-documents.js";
import { documentFunction } from "../functions/find-function.js";
import { choiceDelimiter, contextsOf, type PromptParts, type PromptSettings } from "./context.js";
import { documentFields } from "./document-fields.js";
import { exampleSampler } from "./examples.js";
import type { HarnessRequest, PreparedDocument, PreparedTask } from "./requests.js";

export interface PrepareSettings extends PromptSettings {
  /** `--num_fewshot`; null: the task's own number, or 0. */
  readonly shots: number | null;
  /** The first documents: a number of them, or a share below 1; null for all. */
  readonly limit: number | null;
}

/**
 * The documents of a task with their requests.
 *
 * @throws StrataError naming the document that lacks something, or has no right answer among its choices
 */
export async function prepareTask(
  config: TaskConfig,
  documents: TaskDocuments,
  settings: PrepareSettings,
): Promise<PreparedTask> {
  const { task, file } = config;
  const shots = shotsOf(config, settings.shots);
  const process = documentFunction(config.processDocs, `${file} process_docs`);
  const scored = atPlaces(documents.scored, task, process);
  if (scored.length === 0) throw noDocuments(task);
  const count = limited(scored.length, settings.limit);
  const pool = shots === 0 ? [] : await examplesOf(config, documents, shots);
  const columns = new Set(Array.from(scored[0].keys(), toText));
  const fields = documentFields(config, columns, file);
  const parts: PromptParts = {
    ...settings,
    config,
    columns,
    fields,
    exampleFields: documentFields(config.fewshot, columns, file),
    examples: exampleSampler(config, pool, shots),
    choicesAreQuestions: config.choices !== null && typeof fields.text(scored[0], `${task} document 0`) === "number",
  };
  return {
    config,
    shots,
    original: scored.length,
    documents: scored
      .slice(0, count)
      .map((doc, id) => prepareDocument(parts, doc, id, `${task} document ${id}, ${documents.scored.places[id]}`)),
  };
}

/**
 * How many examples a prompt of the task has. A task whose file says 0 never has any.
 *
 * @param asked  null for the number of the task
 */
export function shotsOf({ shots }: TaskConfig, asked: number | null): number {
  return shots === 0 ? 0 : (asked ?? shots ?? 0);
}

/** Whether examples are drawn from documents; otherwise there are none, or the task file contains them. */
export function drawsExamples({ fewshot }: TaskConfig, shots: number): boolean {
  return shots > 0 && (fewshot.split !== null || fewshot.samples === null);
}

export function limited(documents: number, limit: number | null): number {
  if (limit === null) return documents;
  return Math.min(documents, limit < 1 ? Math.ceil(documents * limit) : Math.floor(limit));
}

async function examplesOf(config: TaskConfig, documents: TaskDocuments, shots: number): Promise<readonly Dict[]> {
  if (!drawsExamples(config, shots)) return config.fewshot.samples ?? [];
  const process = documentFunction(config.fewshot.processDocs, `${config.file} fewshot_config.process_docs`);
  return atPlaces(await documents.examples(), `examples of ${config.task}`, process);
}

/** Applies a task's function to documents; its errors name the document. */
function atPlaces({ documents, places }: SplitDocuments, name: string, process: (doc: Dict) => Dict): Dict[] {
  return documents.map((doc, i) => atRecord(`${name}, ${places[i]}`, () => process(doc)));
}

function prepareDocument(parts: PromptParts, doc: Dict, id: number, where: string): PreparedDocument {
  const target = parts.fields.target(doc, where);
  const choices = parts.fields.choices(doc, where);
  return {
    id,
    where,
    doc,
    target,
    choices,
    gold: goldOf(parts, doc, target, choices, where),
    requests: requestsOf(parts, doc, target, choices, where),
  };
}

function requestsOf(
  parts: PromptParts,
  doc: Dict,
  target: Value,
  choices: readonly string[] | null,
  where: string,
): HarnessRequest[] {
  const { config } = parts;
  // Before anything else: the examples of every document are drawn.
  const contexts = contextsOf(parts, doc, where);
  switch (config.outputType) {
    case "loglikelihood_rolling":
      return [{ kind: "rolling", text: toText(target) }];
    case "loglikelihood":
      return [{ kind: "continuation", context: contexts[0], continuation: toText(target) }];
    case "generate_until":
      return contexts.map((context) => ({ kind: "generation", context, settings: config.generation as Dict }));
    case "multiple_choice": {
      const delimiter = choiceDelimiter(parts);
      if (parts.choicesAreQuestions) {
        const continuation = delimiter + toText(target);
        return contexts.map((context) => ({ kind: "continuation", context, continuation }));
      }
      return (choices ?? []).map((choice) => ({
        kind: "continuation",
        context: contexts[0],
        continuation: delimiter + choice,
      }));
    }
  }
}

function goldOf(
  parts: PromptParts,
  doc: Dict,
  target: Value,
  choices: readonly string[] | null,
  where: string,
): number[] | null {
  if (parts.config.outputType !== "multiple_choice" || choices === null) return null;
  const gold = parts.choicesAreQuestions ? parts.fields.text(doc, where) : target;
  const all = Array.isArray(gold) ? gold : [gold];
  return all.map((one) => {
    const index = typeof one === "string" ? choices.indexOf(one) : one;
    if (typeof index === "number" && index >= 0 && index < choices.length) return index;
    throw new StrataError("EvaluationError", {
      where,
      expected: `the right answer among its ${plural(choices.length, "choice")}`,
      got: typeof one === "string" ? JSON.stringify(one) : repr(one),
      hint: "Correct or remove this document. An empty or negative answer means that this split has no answers.",
    });
  });
}

function noDocuments(task: string): StrataError {
  return new StrataError("EvaluationError", {
    where: `task ${task}`,
    expected: "at least one document",
    got: "none",
    hint: "Check the data of this task.",
  });
}
