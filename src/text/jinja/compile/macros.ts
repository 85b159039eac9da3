import { syntaxError, typeError } from "../template-error.js";
import type { CallBlock, Macro } from "../syntax/nodes.js";
import { type CallArguments, Dict, PythonObject, Tuple, Undefined, type Value } from "../values/value.js";
import { type Activation, type Evaluate, type Execute, Output } from "./activation.js";
import type { BodyCompiler } from "./body-compiler.js";
import { compileExpression } from "./expressions.js";
import { readBeforeAssigned, visitAll } from "./find-symbols.js";
import { declareFrame, type Frame, FunctionScope, innerFrame } from "./frame.js";

interface Special {
  readonly caller: boolean;
  readonly kwargs: boolean;
  readonly varargs: boolean;
}

/** Compiles a macro, or the body of a call block; the value is the function that a template calls. */
export function compileMacro(node: Macro | CallBlock, outer: Frame, compiler: BodyCompiler): Evaluate {
  const scope = new FunctionScope(outer.scope);
  const frame = innerFrame(outer, scope, false);
  const { symbols } = frame;
  const names = node.names.map(({ name }) => name);
  const parts = [...node.names, ...node.defaults, ...node.body];
  visitAll(parts, symbols);
  const special = specialNames(node, names);
  for (const name of ["caller", "kwargs", "varargs"] as const)
    if (special[name] && !names.includes(name)) symbols.parameter(name);
  visitAll(parts, symbols);
  const { enter } = declareFrame(frame);
  const slotOf = (name: string): number => scope.declare(symbols.variableOf(name));
  const slots = names.map(slotOf);
  const extra = (["caller", "kwargs", "varargs"] as const)
    .filter((name) => special[name] && !names.includes(name))
    .map((name) => ({ name, slot: slotOf(name) }));
  const defaults = names.map((_, i): Evaluate | null => {
    const at = i - names.length + node.defaults.length;
    return at < 0 ? null : compileExpression(node.defaults[at], frame);
  });
  const code: MacroCode = { names, slots, extra, defaults, scope, enter, body: compiler.body(node.body, frame) };
  const name = node.kind === "macro" ? node.name : null;
  return (activation) =>
    new PythonObject("Macro", {
      call: (args) => runMacro(code, activation, distribute(name, names, special, args)),
      repr: () => (name === null ? "<Macro anonymous>" : `<Macro '${name}'>`),
      attribute: (attribute) => macroAttribute(attribute, name, names, special),
    });
}

interface MacroCode {
  readonly names: readonly string[];
  /** The slot of each parameter. */
  readonly slots: readonly number[];
  readonly extra: readonly { readonly name: keyof Special; readonly slot: number }[];
  /** By parameter; null without a default. */
  readonly defaults: readonly (Evaluate | null)[];
  readonly scope: FunctionScope;
  readonly enter: (activation: Activation) => void;
  readonly body: Execute;
}

function runMacro(
  { names, slots, extra, defaults, scope, enter, body }: MacroCode,
  activation: Activation,
  given: MacroArguments,
): string {
  const inner = scope.activate(activation);
  given.values.forEach((value, i) => (inner.slots[slots[i]] = value));
  for (const { name, slot } of extra) inner.slots[slot] = given[name];
  enter(inner);
  defaults.forEach((byDefault, i) => {
    if (inner.slots[slots[i]] !== undefined) return;
    inner.slots[slots[i]] =
      byDefault === null
        ? new Undefined(names[i], undefined, `parameter '${names[i]}' was not provided`)
        : byDefault(inner);
  });
  const output = new Output();
  body(inner, output);
  return output.text;
}

function specialNames(node: Macro | CallBlock, names: readonly string[]): Special {
  const read = readBeforeAssigned(node.body, ["caller", "kwargs", "varargs"]);
  const at = names.indexOf("caller");
  if (read.has("caller") && at !== -1 && at < names.length - node.defaults.length)
    throw syntaxError(
      'When defining macros or call blocks the special "caller" argument must be omitted or be given a default.',
      node.line,
    );
  return {
    caller: read.has("caller"),
    kwargs: read.has("kwargs") && !names.includes("kwargs"),
    varargs: read.has("varargs") && !names.includes("varargs"),
  };
}

interface MacroArguments {
  /** The value of each parameter; undefined if it is not given. */
  readonly values: readonly (Value | undefined)[];
  readonly caller: Value;
  readonly kwargs: Value;
  readonly varargs: Value;
}

/** Distributes the arguments of a call to the parameters of a macro. */
function distribute(
  macro: string | null,
  names: readonly string[],
  special: Special,
  args: CallArguments,
): MacroArguments {
  const named = new Map(args.named);
  const given = args.positional.length;
  const values = names.map((name, i) => {
    if (i < given) return args.positional[i];
    const value = named.get(name);
    named.delete(name);
    return value;
  });
  let caller: Value | undefined;
  if (special.caller && !names.includes("caller")) {
    caller = named.get("caller");
    named.delete("caller");
  }
  const shown = macro === null ? "None" : `'${macro}'`;
  if (!special.kwargs && named.has("caller"))
    throw typeError(
      `macro ${shown} was invoked with two values for the special caller argument. This is most likely a bug.`,
    );
  if (!special.kwargs && named.size > 0)
    throw typeError(`macro ${shown} takes no keyword argument '${[...named.keys()][0]}'`);
  if (!special.varargs && given > names.length)
    throw typeError(`macro ${shown} takes not more than ${names.length} argument(s)`);
  return {
    values,
    caller: caller === undefined || caller === null ? new Undefined("caller", undefined, "No caller defined") : caller,
    kwargs: new Dict(named),
    varargs: new Tuple(args.positional.slice(names.length)),
  };
}

function macroAttribute(
  attribute: string,
  name: string | null,
  names: readonly string[],
  special: Special,
): Value | undefined {
  switch (attribute) {
    case "name":
      return name;
    case "arguments":
      return new Tuple(names);
    case "catch_kwargs":
      return special.kwargs;
    case "catch_varargs":
      return special.varargs;
    case "caller":
      return special.caller;
    case "explicit_caller":
      return names.includes("caller");
  }
  return undefined;
}
