import { createPairTable } from "./pair-table.js";

/** A trie of the tokens of a vocabulary over UTF-16 units. */
export interface Trie {
  /** Calls `visit` for every token that matches at `start`, the shortest first. */
  walk(text: string, start: number, visit: (end: number, id: number) => void): void;
}

export function createTrie(vocabulary: ReadonlyMap<string, number>): Trie {
  const edges: number[] = [];
  const idOfNode: number[] = [-1];
  const children = new Map<number, number>();
  for (const [token, id] of vocabulary) {
    let node = 0;
    for (let i = 0; i < token.length; i++) {
      const key = node * 0x10000 + token.charCodeAt(i);
      let child = children.get(key);
      if (child === undefined) {
        child = idOfNode.push(-1) - 1;
        children.set(key, child);
        edges.push(node, token.charCodeAt(i), child);
      }
      node = child;
    }
    idOfNode[node] = id;
  }
  const { find, results } = createPairTable(Int32Array.from(edges));
  const ids = Int32Array.from(idOfNode);
  return {
    walk(text, start, visit) {
      let node = 0;
      for (let at = start; at < text.length; at++) {
        const edge = find(node, text.charCodeAt(at));
        if (edge < 0) return;
        node = results[edge];
        if (ids[node] >= 0) visit(at + 1, ids[node]);
      }
    },
  };
}
