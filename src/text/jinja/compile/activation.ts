import type { Environment } from "../filters/filter.js";
import { undefinedError } from "../values/types.js";
import { Undefined, type Value } from "../values/value.js";

/** The text that statements write; inner frames such as macros have their own. */
export class Output {
  text = "";
}

/** What one rendering of a template shares. */
export interface Run {
  /** The variables that the caller passes. */
  readonly variables: ReadonlyMap<string, Value>;
  readonly globals: ReadonlyMap<string, Value>;
  /** Variables that the template assigns outside of all blocks, for blocks with a name. */
  readonly assigned: Map<string, Value>;
  readonly environment: Environment;
  /** Whether printing or testing what is missing is an error. */
  readonly isStrict: boolean;
  readonly output: Output;
  /** Where `{% generation %}` blocks are in the text, as [start, end) in characters of Python. */
  readonly generated: [number, number][];
  /** The line of the statement that runs. */
  line: number;
}

/** The variables of a running function: the template, a macro, a recursive loop. A missing value is undefined. */
export interface Activation {
  readonly slots: (Value | undefined)[];
  readonly outer: Activation | null;
  readonly run: Run;
}

export type Evaluate = (activation: Activation) => Value;

export type Signal = "none" | "break" | "continue";

export type Execute = (activation: Activation, output: Output) => Signal;

/** A value that is printed or tested. @throws TemplateError if it is missing and the template is strict */
export function present(value: Value, { run }: Activation): Value {
  if (run.isStrict && value instanceof Undefined) throw undefinedError(value);
  return value;
}

export function resolve({ assigned, variables, globals }: Run, name: string): Value | undefined {
  if (assigned.size > 0 && assigned.has(name)) return assigned.get(name);
  const value = variables.get(name);
  return value === undefined ? globals.get(name) : value;
}
