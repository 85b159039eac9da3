import type { Item } from "./read-samples.js";

export interface ItemPair {
  readonly first: Item;
  readonly second: Item;
}

export interface Pairing {
  /** Of each filter that both have, in the order of the first file. */
  readonly filters: ReadonlyMap<string, readonly ItemPair[]>;
  /** Documents that only one of the files has. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
}

/**
 * Pairs items of the same document and filter. Where a document occurs several times, the first is paired with the
 * first, the second with the second.
 */
export function pairItems(first: readonly Item[], second: readonly Item[]): Pairing {
  const waiting = new Map<string, Item[]>();
  for (const item of second) {
    const same = waiting.get(keyOf(item));
    if (same) same.push(item);
    else waiting.set(keyOf(item), [item]);
  }
  for (const items of waiting.values()) items.reverse();
  const filters = new Map<string, ItemPair[]>();
  let pairs = 0;
  for (const item of first) {
    const partner = waiting.get(keyOf(item))?.pop();
    if (!partner) continue;
    pairs++;
    const ofFilter = filters.get(item.filter);
    if (ofFilter) ofFilter.push({ first: item, second: partner });
    else filters.set(item.filter, [{ first: item, second: partner }]);
  }
  const shared = Math.max(1, filters.size);
  const left = (items: readonly Item[]) => {
    const ofFilters = filters.size === 0 ? items : items.filter(({ filter }) => filters.has(filter));
    return Math.round((ofFilters.length - pairs) / shared);
  };
  return { filters, onlyFirst: left(first), onlySecond: left(second) };
}

function keyOf({ filter, docHash }: Item): string {
  return `${docHash} ${filter}`;
}
