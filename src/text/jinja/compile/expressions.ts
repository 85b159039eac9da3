import { calculate, negate } from "../operators/arithmetic.js";
import { getAttribute, getItem, isDictAttribute } from "../operators/access.js";
import { slice } from "../operators/slices.js";
import type { Expression } from "../syntax/nodes.js";
import { toText } from "../values/text.js";
import { isTrue } from "../values/types.js";
import { Dict, Tuple, Undefined, type Value } from "../values/value.js";
import { present, type Evaluate } from "./activation.js";
import { compileCall, compileFilter, compileTest } from "./calls.js";
import { compileComparison } from "./comparisons.js";
import { type Frame, readVariable } from "./frame.js";

type Of<Kind extends Expression["kind"]> = Extract<Expression, { kind: Kind }>;

export function compileExpression(node: Expression, frame: Frame): Evaluate {
  const part = (inner: Expression): Evaluate => compileExpression(inner, frame);
  switch (node.kind) {
    case "constant":
      return () => node.value;
    case "name":
      return compileName(node.name, frame);
    case "call":
      return compileCall(node, part, null);
    case "filter":
      return compileFilter(node, part, frame, null);
    case "test":
      return compileTest(node, part, frame);
    case "tuple": {
      const items = node.items.map(part);
      return (activation) => new Tuple(items.map((item) => item(activation)));
    }
    case "list": {
      const items = node.items.map(part);
      return (activation) => items.map((item) => item(activation));
    }
    case "dict": {
      const items = node.items.map(({ key, value }) => [part(key), part(value)] as const);
      return (activation) => new Dict(items.map(([key, value]) => [key(activation), value(activation)] as const));
    }
    case "condition":
      return compileCondition(node, { ...frame, soft: true });
    case "attribute":
      return compileAttribute(part(node.target), node.name);
    case "item":
      return compileItem(node, part);
    case "concatenation": {
      const items = node.items.map(part);
      return (activation) => items.map((item) => toText(present(item(activation), activation))).join("");
    }
    case "comparison":
      return compileComparison(node, part);
    case "arithmetic":
      return compileArithmetic(node, part);
    case "and":
    case "or":
      return compileLogic(node.kind, part(node.left), part(node.right));
    case "not": {
      const operand = part(node.operand);
      return (activation) => !isTrue(present(operand(activation), activation));
    }
    case "sign": {
      const operand = part(node.operand);
      return (activation) => negate(node.operator, operand(activation));
    }
    case "slice":
    case "namespaceReference":
      throw new Error(`${node.kind} is only a part of an expression`);
  }
}

function compileName(name: string, { symbols, scope }: Frame): Evaluate {
  const read = readVariable(scope, symbols.variableOf(name));
  return (activation) => {
    const value = read(activation);
    return value === undefined ? new Undefined(name) : value;
  };
}

function compileCondition({ test, result, otherwise, line }: Of<"condition">, frame: Frame): Evaluate {
  const [isThen, first] = [compileExpression(test, frame), compileExpression(result, frame)];
  const hint = `the inline if-expression on line ${line} evaluated to false and no else section was defined.`;
  const second = otherwise === null ? () => new Undefined(null, undefined, hint) : compileExpression(otherwise, frame);
  return (activation) => (isTrue(present(isThen(activation), activation)) ? first(activation) : second(activation));
}

function compileAttribute(target: Evaluate, name: string): Evaluate {
  if (isDictAttribute(name)) return (activation) => getAttribute(target(activation), name);
  return (activation) => {
    const value = target(activation);
    const item = value instanceof Dict ? value.get(name) : undefined;
    return item === undefined ? getAttribute(value, name) : item;
  };
}

function compileItem({ target, key }: Of<"item">, part: (node: Expression) => Evaluate): Evaluate {
  const value = part(target);
  if (key.kind === "slice") {
    const bounds = [key.start, key.stop, key.step].map((bound) => (bound === null ? () => null : part(bound)));
    return (activation) => {
      const sliced = value(activation);
      const [start, stop, step] = bounds.map((bound) => bound(activation));
      return slice(sliced, { start, stop, step });
    };
  }
  const index = part(key);
  return (activation) => getItem(value(activation), index(activation));
}

function compileArithmetic(
  { operator, left, right }: Of<"arithmetic">,
  part: (node: Expression) => Evaluate,
): Evaluate {
  const [a, b] = [part(left), part(right)];
  if (operator !== "+") return (activation) => calculate(operator, a(activation), b(activation));
  return (activation) => {
    const [x, y]: readonly Value[] = [a(activation), b(activation)];
    return typeof x === "string" && typeof y === "string" ? x + y : calculate("+", x, y);
  };
}

function compileLogic(kind: "and" | "or", left: Evaluate, right: Evaluate): Evaluate {
  if (kind === "and")
    return (activation) => {
      const value = left(activation);
      return isTrue(present(value, activation)) ? right(activation) : value;
    };
  return (activation) => {
    const value = left(activation);
    return isTrue(present(value, activation)) ? value : right(activation);
  };
}
