import { failure, typeError } from "../template-error.js";
import { iterate, iteratorObject } from "../values/iterate.js";
import { isTrue, typeName } from "../values/types.js";
import type { CallArguments, Value } from "../values/value.js";
import { getter } from "./attributes.js";
import type { Environment, FilterFunction } from "./filter.js";

function mapping({ positional, named }: CallArguments, environment: Environment): (item: Value) => Value {
  const attribute = named.get("attribute");
  if (positional.length === 0 && attribute !== undefined) {
    const other = [...named.keys()].find((name) => name !== "attribute" && name !== "default");
    if (other !== undefined) throw failure("FilterArgumentError", `Unexpected keyword argument '${other}'`);
    return getter(attribute, named.get("default") ?? null);
  }
  if (positional.length === 0) throw failure("FilterArgumentError", "map requires a filter argument");
  const name = requireName(positional[0]);
  const args = { positional: positional.slice(1), named };
  return (item) => environment.filter(name, item, args);
}

function requireName(name: Value): string {
  if (typeof name !== "string") throw typeError(`a name must be a str, not ${typeName(name)}`);
  return name;
}

function* mapped(value: Value, args: CallArguments, environment: Environment): Generator<Value> {
  if (!isTrue(value)) return;
  const run = mapping(args, environment);
  for (const item of iterate(value)) yield run(item);
}

interface Selection {
  /** Whether items that pass are kept, or those that do not. */
  readonly keep: boolean;
  /** Whether the first argument names an attribute to test. */
  readonly byAttribute: boolean;
}

function condition(
  args: CallArguments,
  { byAttribute }: Selection,
  environment: Environment,
): (item: Value) => boolean {
  const { positional, named } = args;
  if (byAttribute && positional.length === 0)
    throw failure("FilterArgumentError", "Missing parameter for attribute name");
  const get = byAttribute ? getter(positional[0]) : (item: Value) => item;
  const [name, ...rest] = byAttribute ? positional.slice(1) : positional;
  if (name === undefined) return (item) => isTrue(get(item));
  const test = requireName(name);
  return (item) => environment.test(test, get(item), { positional: rest, named });
}

function* selected(
  value: Value,
  args: CallArguments,
  selection: Selection,
  environment: Environment,
): Generator<Value> {
  if (!isTrue(value)) return;
  const passes = condition(args, selection, environment);
  for (const item of iterate(value)) if (passes(item) === selection.keep) yield item;
}

function selecting(keep: boolean, byAttribute: boolean): FilterFunction {
  return (value, args, environment) =>
    iteratorObject("generator", selected(value, args, { keep, byAttribute }, environment));
}

export const selectionFilters: Readonly<Record<string, FilterFunction>> = {
  map: (value, args, environment) => iteratorObject("generator", mapped(value, args, environment)),
  select: selecting(true, false),
  reject: selecting(false, false),
  selectattr: selecting(true, true),
  rejectattr: selecting(false, true),
};
