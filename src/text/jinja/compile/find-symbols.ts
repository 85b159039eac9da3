import { childrenOf } from "../syntax/children.js";
import type { For, Node, Statement } from "../syntax/nodes.js";
import type { Symbols } from "./symbols.js";

/** Collects the names that nodes use in the frame of `symbols`, without bodies, which have their own frames. */
export function visitAll(nodes: readonly Node[], symbols: Symbols): void {
  for (const node of nodes) visit(node, symbols);
}

function visit(node: Node, symbols: Symbols): void {
  switch (node.kind) {
    case "name":
      if (node.use === "load") symbols.load(node.name);
      else if (node.use === "store") symbols.store(node.name);
      else symbols.parameter(node.name);
      return;
    case "namespaceReference":
      return symbols.load(node.name);
    case "if": {
      visit(node.test, symbols);
      const branches = [node.body, node.elifs, node.otherwise].map((branch: readonly Statement[]) => {
        const copy = symbols.copy();
        visitAll(branch, copy);
        return copy;
      });
      return symbols.mergeBranches(branches);
    }
    case "macro":
      return symbols.store(node.name);
    case "assign":
      visit(node.value, symbols);
      return visit(node.target, symbols);
    case "for":
      return visit(node.iterable, symbols);
    case "callBlock":
      return node.call === null ? undefined : visit(node.call, symbols);
    case "filterBlock":
      return visit(node.filter, symbols);
    case "with":
      return visitAll(node.values, symbols);
    case "assignBlock":
      return visit(node.target, symbols);
    case "block":
      return;
    default:
      visitAll(childrenOf(node), symbols);
  }
}

/** Collects the names of the frame of a loop's body, of its `else`, or of its condition. */
export function visitLoop(node: For, part: "body" | "otherwise" | "test", symbols: Symbols): void {
  if (part !== "otherwise") visitTarget(node.target, symbols);
  if (part === "test") {
    if (node.test !== null) visit(node.test, symbols);
  } else visitAll(node[part], symbols);
}

function visitTarget(target: Node, symbols: Symbols): void {
  if (target.kind === "name") symbols.parameter(target.name);
  else for (const child of childrenOf(target)) visitTarget(child, symbols);
}

/** Those of `names` that nodes, with all their parts, read before they assign them. */
export function readBeforeAssigned(nodes: readonly Node[], names: readonly string[]): Set<string> {
  const open = new Set(names);
  const found = new Set<string>();
  const search = (node: Node): void => {
    if (node.kind === "block") return;
    if (node.kind !== "name") childrenOf(node).forEach(search);
    else if (node.use === "load" && open.has(node.name)) found.add(node.name);
    else open.delete(node.name);
  };
  nodes.forEach(search);
  return found;
}
