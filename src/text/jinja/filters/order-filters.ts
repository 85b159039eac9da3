import { failure } from "../template-error.js";
import { isOrdered, sameOrEqual, sortBy } from "../values/compare.js";
import { iterate, iteratorObject } from "../values/iterate.js";
import { isTrue } from "../values/types.js";
import { keyOf, Tuple, Undefined, type Value } from "../values/value.js";
import { getter, ignoreCase, multiGetter } from "./attributes.js";
import { requireDict } from "./collection-filters.js";
import { filter, type FilterFunction } from "./filter.js";

function keyFor(caseSensitive: Value, get: (value: Value) => Value): (value: Value) => Value {
  return isTrue(caseSensitive) ? get : (value) => ignoreCase(get(value));
}

function extreme(value: Value, [caseSensitive, attribute]: readonly Value[], order: "<" | ">"): Value {
  const key = keyFor(caseSensitive, getter(attribute));
  let best: { item: Value; key: Value } | null = null;
  for (const item of iterate(value)) {
    const itemKey = key(item);
    if (best === null || isOrdered(itemKey, order, best.key)) best = { item, key: itemKey };
  }
  return best === null ? new Undefined(null, undefined, "No aggregated item, sequence was empty.") : best.item;
}

function sort(value: Value, [reverse, caseSensitive, attribute]: readonly Value[]): Value[] {
  const get = multiGetter(attribute);
  return sortBy(
    iterate(value),
    (item) => (isTrue(caseSensitive) ? get(item) : get(item).map(ignoreCase)),
    isTrue(reverse),
  );
}

function sortDict(value: Value, [caseSensitive, by, reverse]: readonly Value[]): Value {
  if (by !== "key" && by !== "value")
    throw failure("FilterArgumentError", 'You can only sort by either "key" or "value"');
  const pairs = Array.from(requireDict(value).items(), (pair) => new Tuple(pair));
  return sortBy(
    pairs,
    keyFor(caseSensitive, (pair) => (pair as Tuple).items[by === "key" ? 0 : 1]),
    isTrue(reverse),
  );
}

function* unique(value: Value, caseSensitive: Value, attribute: Value): Generator<Value> {
  const key = keyFor(caseSensitive, getter(attribute));
  const seen = new Set<unknown>();
  for (const item of iterate(value)) {
    const held = keyOf(key(item));
    if (!seen.has(held)) yield item;
    seen.add(held);
  }
}

function groupBy(value: Value, [attribute, byDefault, caseSensitive]: readonly Value[]): Value {
  const get = getter(attribute, byDefault);
  const key = keyFor(caseSensitive, get);
  const groups: { readonly key: Value; readonly items: Value[] }[] = [];
  for (const item of sortBy(iterate(value), key, false)) {
    const itemKey = key(item);
    const group = groups.at(-1);
    if (group !== undefined && sameOrEqual(group.key, itemKey)) group.items.push(item);
    else groups.push({ key: itemKey, items: [item] });
  }
  return groups.map(({ key: groupKey, items }) => {
    const grouper = isTrue(caseSensitive) ? groupKey : get(items[0]);
    return new Tuple([grouper, items], ["grouper", "list"]);
  });
}

const caseAndAttribute = [
  ["case_sensitive", false],
  ["attribute", null],
] as const;

export const orderFilters: Readonly<Record<string, FilterFunction>> = {
  sort: filter("sort", [["reverse", false], ...caseAndAttribute], sort),
  dictsort: filter(
    "dictsort",
    [
      ["case_sensitive", false],
      ["by", "key"],
      ["reverse", false],
    ],
    sortDict,
  ),
  min: filter("min", caseAndAttribute, (value, values) => extreme(value, values, "<")),
  max: filter("max", caseAndAttribute, (value, values) => extreme(value, values, ">")),
  unique: filter("unique", caseAndAttribute, (value, [caseSensitive, attribute]) =>
    iteratorObject("generator", unique(value, caseSensitive, attribute)),
  ),
  groupby: filter("groupby", ["attribute", ["default", null], ["case_sensitive", false]], groupBy),
};
