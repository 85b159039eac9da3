import { bind, type Parameter } from "../values/functions.js";
import type { CallArguments, Value } from "../values/value.js";

/** The filters and tests, for those that call others by name. */
export interface Environment {
  readonly filter: (name: string, value: Value, args: CallArguments) => Value;
  readonly test: (name: string, value: Value, args: CallArguments) => boolean;
  readonly hasFilter: (name: Value) => boolean;
  readonly hasTest: (name: Value) => boolean;
}

/** @param value  what is before the `|` */
export type FilterFunction = (value: Value, args: CallArguments, environment: Environment) => Value;

/** A filter with parameters after the value. */
export function filter(
  name: string,
  parameters: readonly Parameter[],
  run: (value: Value, values: readonly Value[], environment: Environment) => Value,
): FilterFunction {
  const signature = { parameters };
  const defaults = parameters.map((parameter) => (typeof parameter === "string" ? undefined : parameter[1]));
  const allOptional = defaults.every((value): value is Value => value !== undefined) ? (defaults as Value[]) : null;
  return (value, args, environment) => {
    const values =
      allOptional !== null && args.positional.length === 0 && args.named.size === 0
        ? allOptional
        : bind(name, signature, args);
    return run(value, values, environment);
  };
}
