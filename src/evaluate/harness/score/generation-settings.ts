import { StrataError } from "../../../errors/strata-error.js";
import { PythonFloat } from "../../../text/python-float.js";
import { repr } from "../../../text/jinja/values/text.js";
import type { Dict, Value } from "../../../text/jinja/values/value.js";

export interface GenerationSettings {
  readonly stops: readonly string[];
  readonly maxTokens: number;
}

/** Names of one setting, of which the first that is given counts. */
export const maxTokensNames: readonly string[] = [
  "max_gen_toks",
  "max_new_tokens",
  "max_tokens",
  "max_completion_tokens",
];
const defaultMaxTokens = 256;

/**
 * The settings of `generation_kwargs`, with the text of EOS as a last stop string.
 *
 * @throws StrataError if the answers would be sampled: they would not be those of another program
 */
export function generationSettings(settings: Dict, eosText: string | null, task: string): GenerationSettings {
  const temperature = settings.get("temperature");
  const samples = settings.get("do_sample") === true || (temperature !== undefined && numberOf(temperature) > 0);
  if (samples && settings.get("do_sample") !== false)
    throw wrong(task, "greedy answers (do_sample: false)", `do_sample with temperature ${shown(temperature)}`);
  const until = settings.get("until") ?? [];
  const stops = (Array.isArray(until) ? until : [until]).map((stop) => {
    if (typeof stop === "string") return stop;
    throw wrong(task, "texts in `until`", shown(stop));
  });
  const given = maxTokensNames.map((name) => settings.get(name)).find((value) => value != null);
  const maxTokens = given === undefined || given === null ? defaultMaxTokens : numberOf(given);
  if (!Number.isInteger(maxTokens) || maxTokens < 1) throw wrong(task, "a whole number of tokens", shown(given));
  return { stops: [...new Set(eosText === null ? stops : [...stops, eosText])], maxTokens };
}

function numberOf(value: Value): number {
  return value instanceof PythonFloat ? value.value : Number(value);
}

function shown(value: Value | undefined): string {
  return value === undefined ? "nothing" : repr(value);
}

function wrong(task: string, expected: string, got: string): StrataError {
  const hint = "Change generation_kwargs in a copy of the task file.";
  return new StrataError("EvaluationError", { where: `generation_kwargs of ${task}`, expected, got, hint });
}
