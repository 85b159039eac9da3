import { unpack } from "../filters/unpack.js";
import { childrenOf } from "../syntax/children.js";
import { failure } from "../template-error.js";
import type { Expression } from "../syntax/nodes.js";
import { Namespace, Tuple, type Value } from "../values/value.js";
import type { Activation, Evaluate } from "./activation.js";
import { type Frame, readVariable } from "./frame.js";

export type Assign = (activation: Activation, value: Value) => void;

/** Assigns to a name, to an attribute of a namespace, or to a tuple of them. */
export function compileTarget(target: Expression, frame: Frame, exported = false): Assign {
  if (target.kind === "tuple") {
    const parts = target.items.map((item) => compileTarget(item, frame, exported));
    return (activation, value) => {
      const items = unpack(value, parts.length);
      parts.forEach((part, i) => part(activation, items[i]));
    };
  }
  if (target.kind === "namespaceReference") return assignAttribute(target.name, target.attribute, frame);
  if (target.kind !== "name") throw new Error(`${target.kind} cannot be assigned`);
  const { name } = target;
  const slot = frame.scope.declare(frame.symbols.variableOf(name));
  if (!exported)
    return ({ slots }, value) => {
      slots[slot] = value;
    };
  return ({ slots, run }, value) => {
    slots[slot] = value;
    run.assigned.set(name, value);
  };
}

function assignAttribute(name: string, attribute: string, { symbols, scope }: Frame): Assign {
  const read = readVariable(scope, symbols.variableOf(name));
  return (activation, value) => (read(activation) as Namespace).set(attribute, value);
}

/** Checks, before the value is evaluated, that the attributes of a target belong to namespaces. */
export function compileNamespaceCheck(target: Expression, frame: Frame): (activation: Activation) => void {
  const reads = namespacesIn(target).map((name) => readVariable(frame.scope, frame.symbols.variableOf(name)));
  return (activation) => {
    for (const read of reads)
      if (!(read(activation) instanceof Namespace))
        throw failure("TemplateRuntimeError", "cannot assign attribute on non-namespace object");
  };
}

function namespacesIn(target: Expression): string[] {
  if (target.kind === "namespaceReference") return [target.name];
  return childrenOf(target).flatMap((child) => namespacesIn(child as Expression));
}

/** Reads what a target has been assigned, a tuple for a tuple. */
export function compileTargetValue(target: Expression, frame: Frame): Evaluate {
  if (target.kind === "tuple") {
    const parts = target.items.map((item) => compileTargetValue(item, frame));
    return (activation) => new Tuple(parts.map((part) => part(activation)));
  }
  if (target.kind !== "name") throw new Error(`${target.kind} cannot be a loop's target`);
  const read = readVariable(frame.scope, frame.symbols.variableOf(target.name));
  return (activation) => read(activation) as Value;
}
