import { suggestName } from "../../../errors/nearest-name.js";
import { pythonRegExp } from "../../../text/python-regex.js";
import { toText } from "../../../text/jinja/values/text.js";
import type { Value } from "../../../text/jinja/values/value.js";
import { strip } from "../../task/python-text.js";
import { taskFileError } from "../config/task-file-error.js";
import type { FilterConfig, FilterStep, TaskConfig } from "../config/task-config.js";
import { toValue } from "../config/raw-values.js";

/** The responses of one request, its repeats, to what is left of them: a list until a function takes one. */
export type Filter = (responses: Value) => Value;

type Options = FilterStep["options"];

const functions: Readonly<Record<string, (options: Options) => Filter>> = {
  take_first: () => (responses) => (responses as readonly Value[])[0],
  take_first_k: (options) => (responses) => (responses as readonly Value[]).slice(0, numberOption(options, "k", 1)),
  majority_vote: () => (responses) => [mostFrequent(responses as readonly Value[])],
  remove_whitespace: () => each((text) => strip(text)),
  lowercase: () => each((text) => text.toLowerCase()),
  uppercase: () => each((text) => text.toUpperCase()),
  regex: (options) => {
    const pattern = pythonRegExp(textOption(options, "regex_pattern", "#### (\\-?[0-9\\.\\,]+)"), "g");
    const [group, fallback] = [numberOption(options, "group_select", 0), textOption(options, "fallback", "[invalid]")];
    return each((text) => extract(text, pattern, group, fallback));
  },
};

/** @throws StrataError for a function that Strata does not have, or a pattern that is wrong */
export function filterOf({ name, steps }: FilterConfig, { file }: TaskConfig): Filter {
  const all = steps.map((step) => {
    const make = Object.hasOwn(functions, step.function) ? functions[step.function] : null;
    const where = `${file} filter ${name}`;
    if (make === null) {
      const names = Object.keys(functions);
      const hint = suggestName(step.function, names) ?? `Strata has ${names.join(", ")}.`;
      throw taskFileError(where, "a function that Strata has", `"${step.function}"`, hint);
    }
    try {
      return make(step.options);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw taskFileError(where, "a regular expression", error.message, "Correct regex_pattern.");
    }
  });
  return (responses) => all.reduce((value, run) => run(value), responses);
}

function each(change: (text: string) => string): Filter {
  return (responses) => (responses as readonly Value[]).map((response) => change(toText(response)));
}

/** `re.findall`: the match of this number, from the end if it is negative; of several groups the first that matched. */
function extract(text: string, pattern: RegExp, group: number, fallback: string): string {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return fallback;
  const match = matches.at(group);
  if (match === undefined)
    throw taskFileError(
      "filter regex",
      `a match for group_select ${group}`,
      `${matches.length} in the answer`,
      "Choose 0 for the first match, or -1 for the last.",
    );
  if (match.length === 1) return strip(match[0]);
  if (match.length === 2) return strip(match[1] ?? "");
  const found = match.slice(1).find((part) => part !== undefined && part !== "");
  return found === undefined ? fallback : strip(found);
}

function mostFrequent(responses: readonly Value[]): Value {
  const counts = new Map<Value, number>();
  for (const response of responses) counts.set(response, (counts.get(response) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

function textOption(options: Options, key: string, standard: string): string {
  const value = options.get(key);
  return value === undefined || value === null ? standard : toText(toValue(value));
}

function numberOption(options: Options, key: string, standard: number): number {
  const value = options.get(key);
  return typeof value === "number" ? value : standard;
}
