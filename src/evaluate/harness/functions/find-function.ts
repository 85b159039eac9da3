import { suggestName } from "../../../errors/nearest-name.js";
import type { Dict, Value } from "../../../text/jinja/values/value.js";
import { taskFileError } from "../config/task-file-error.js";
import type { FunctionName } from "../config/task-yaml.js";
import type { TaskFunction } from "./task-function.js";
import { taskFunctions } from "./task-functions.js";

/** What is applied to each document. @param where  file and key, for the error of an unknown name */
export function documentFunction(name: FunctionName | null, where: string): (doc: Dict) => Dict {
  return name === null ? (doc) => doc : find("document", name, where).run;
}

/** What takes the place of a template. */
export function valueFunction(name: FunctionName, where: string): (doc: Dict) => Value {
  return find("value", name, where).run;
}

/** What turns the responses to a document into its metrics. */
export function resultsFunction(name: FunctionName, where: string) {
  return find("results", name, where).run;
}

function find<Kind extends TaskFunction["kind"]>(
  kind: Kind,
  { name }: FunctionName,
  where: string,
): Extract<TaskFunction, { kind: Kind }> {
  const found = Object.hasOwn(taskFunctions, name) ? taskFunctions[name] : undefined;
  if (found?.kind === kind) return found as Extract<TaskFunction, { kind: Kind }>;
  const names = Object.keys(taskFunctions).filter((other) => taskFunctions[other].kind === kind);
  const known = `Strata runs no Python; it has ${names.join(", ")}. Write a template instead.`;
  throw taskFileError(where, "a function that Strata has", `!function ${name}`, suggestName(name, names) ?? known);
}
