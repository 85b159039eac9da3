import type { CallArgumentNodes, Expression, Node } from "./nodes.js";

/** The nodes directly inside a node, in the order in which Jinja visits them. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "output":
      return node.items.filter((item): item is Expression => item.kind !== "data");
    case "for":
      return [node.target, node.iterable, ...node.body, ...node.otherwise, ...optional(node.test)];
    case "if":
      return [node.test, ...node.body, ...node.elifs, ...node.otherwise];
    case "macro":
      return [...node.names, ...node.defaults, ...node.body];
    case "callBlock":
      return [...optional(node.call), ...node.names, ...node.defaults, ...node.body];
    case "filterBlock":
      return [...node.body, node.filter];
    case "with":
      return [...node.targets, ...node.values, ...node.body];
    case "block":
      return node.body;
    case "assign":
      return [node.target, node.value];
    case "assignBlock":
      return [node.target, ...optional(node.filter), ...node.body];
    case "break":
    case "continue":
      return [];
    default:
      return partsOf(node);
  }
}

function partsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "name":
    case "constant":
    case "namespaceReference":
      return [];
    case "call":
    case "filter":
    case "test":
      return [...optional(node.target), ...argumentsOf(node.args)];
    case "slice":
      return [...optional(node.start), ...optional(node.stop), ...optional(node.step)];
    case "tuple":
    case "list":
    case "concatenation":
      return node.items;
    case "dict":
      return node.items.flatMap(({ key, value }) => [key, value]);
    case "condition":
      return [node.test, node.result, ...optional(node.otherwise)];
    case "attribute":
      return [node.target];
    case "item":
      return [node.target, node.key];
    case "comparison":
      return [node.first, ...node.rest.map(({ operand }) => operand)];
    case "arithmetic":
    case "and":
    case "or":
      return [node.left, node.right];
    case "not":
    case "sign":
      return [node.operand];
  }
}

function argumentsOf(args: CallArgumentNodes): readonly Expression[] {
  return [
    ...args.positional,
    ...args.named.map(({ value }) => value),
    ...optional(args.restPositional),
    ...optional(args.restNamed),
  ];
}

function optional<Item extends Node>(node: Item | null): Item[] {
  return node === null ? [] : [node];
}

/** A node and all nodes inside it. */
export function* descendantsOf(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* descendantsOf(child);
}
