import type { ComparisonOperator, Expression } from "../syntax/nodes.js";
import { equals, isIn, isOrdered } from "../values/compare.js";
import type { Value } from "../values/value.js";
import type { Evaluate } from "./activation.js";

function compare(a: Value, operator: ComparisonOperator, b: Value): boolean {
  switch (operator) {
    case "==":
      return equals(a, b);
    case "!=":
      return !equals(a, b);
    case "in":
      return isIn(a, b);
    case "not in":
      return !isIn(a, b);
    default:
      return isOrdered(a, operator, b);
  }
}

/** Comparisons in a chain: `a < b < c` is `a < b and b < c`, with `b` evaluated once. */
export function compileComparison(
  { first, rest }: Extract<Expression, { kind: "comparison" }>,
  part: (node: Expression) => Evaluate,
): Evaluate {
  const start = part(first);
  const steps = rest.map(({ operator, operand }) => ({ operator, operand: part(operand) }));
  if (steps.length === 1) {
    const [{ operator, operand }] = steps;
    return (activation) => compare(start(activation), operator, operand(activation));
  }
  return (activation) => {
    let left = start(activation);
    return steps.every(({ operator, operand }) => {
      const right = operand(activation);
      const holds = compare(left, operator, right);
      left = right;
      return holds;
    });
  };
}
