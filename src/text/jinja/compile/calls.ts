import { tests } from "../filters/tests.js";
import { callMethod, callValue } from "../operators/access.js";
import { failure, syntaxError, typeError } from "../template-error.js";
import type { Call, CallArgumentNodes, Expression, Filter, Test } from "../syntax/nodes.js";
import { noArguments } from "../values/functions.js";
import { iterate } from "../values/iterate.js";
import { typeName } from "../values/types.js";
import { type CallArguments, Dict, Undefined, type Value } from "../values/value.js";
import type { Activation, Evaluate } from "./activation.js";
import type { Frame } from "./frame.js";

type Part = (node: Expression) => Evaluate;

/** @param caller  the argument `caller` of a call block, or null */
export function compileCall({ target, args }: Call, part: Part, caller: Evaluate | null): Evaluate {
  const evaluate = compileArguments(args, part, caller);
  if (target.kind !== "attribute") {
    const called = part(target);
    return (activation) => callValue(called(activation), evaluate(activation));
  }
  const { name } = target;
  const owner = part(target.target);
  return (activation) => callMethod(owner(activation), name, evaluate(activation));
}

function compileArguments(
  { positional, named, restPositional, restNamed }: CallArgumentNodes,
  part: Part,
  caller: Evaluate | null = null,
): (activation: Activation) => CallArguments {
  const values = positional.map(part);
  const byName = [
    ...named.map(({ name, value }) => [name, part(value)] as const),
    ...(caller === null ? [] : [["caller", caller] as const]),
  ];
  const rest = restPositional === null ? null : part(restPositional);
  const restByName = restNamed === null ? null : part(restNamed);
  if (rest === null && restByName === null && byName.length === 0) {
    if (values.length === 0) return () => noArguments;
    return (activation) => ({ positional: values.map((value) => value(activation)), named: noArguments.named });
  }
  return (activation) => {
    const all = values.map((value) => value(activation));
    if (rest !== null) all.push(...iterate(rest(activation)));
    const names = new Map(byName.map(([name, value]) => [name, value(activation)] as const));
    if (restByName !== null) addNamed(names, restByName(activation));
    return { positional: all, named: names };
  };
}

function addNamed(names: Map<string, Value>, rest: Value): void {
  if (!(rest instanceof Dict)) throw typeError(`argument after ** must be a mapping, not ${typeName(rest)}`);
  for (const [name, value] of rest.items()) {
    if (typeof name !== "string") throw typeError("keywords must be strings");
    if (names.has(name)) throw typeError(`got multiple values for keyword argument '${name}'`);
    names.set(name, value);
  }
}

/** @param block  the text of a filter block, or null */
export function compileFilter(
  { target, name, args, line }: Filter,
  part: Part,
  frame: Frame,
  block: Evaluate | null,
): Evaluate {
  const value =
    target === null
      ? (block as Evaluate)
      : target.kind === "filter"
        ? compileFilter(target, part, frame, block)
        : part(target);
  const evaluate = compileArguments(args, part);
  if (!Object.hasOwn(frame.filters, name)) return unknown("filter", name, line, frame);
  const filter = frame.filters[name];
  return (activation) => filter(value(activation), evaluate(activation), activation.run.environment);
}

export function compileTest({ target, name, args, line }: Test, part: Part, frame: Frame): Evaluate {
  const value = part(target);
  if (
    name === "defined" &&
    args.positional.length === 0 &&
    args.named.length === 0 &&
    args.restPositional === null &&
    args.restNamed === null
  )
    return (activation) => !(value(activation) instanceof Undefined);
  const evaluate = compileArguments(args, part);
  if (!Object.hasOwn(tests, name)) return unknown("test", name, line, frame);
  const test = tests[name];
  return (activation) => test(value(activation), evaluate(activation), activation.run.environment);
}

function unknown(kind: "filter" | "test", name: string, line: number, { soft }: Frame): Evaluate {
  if (!soft) throw syntaxError(`No ${kind} named '${name}'.`, line);
  return () => {
    throw failure("TemplateRuntimeError", `No ${kind} named '${name}' found.`);
  };
}
