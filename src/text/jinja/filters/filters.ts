import { unsupported } from "../template-error.js";
import { lengthOf } from "../values/code-points.js";
import { sortBy } from "../values/compare.js";
import { repr } from "../values/text.js";
import { Dict, Tuple, type Value } from "../values/value.js";
import { collectionFilters } from "./collection-filters.js";
import { filter, type FilterFunction } from "./filter.js";
import { htmlFilters } from "./html-filters.js";
import { jsonFilter } from "./json-filter.js";
import { numberFilters } from "./number-filters.js";
import { orderFilters } from "./order-filters.js";
import { selectionFilters } from "./selection-filters.js";
import { textFilters } from "./text-filters.js";

/** Dicts with their keys in order, as `pprint` writes them. */
function withSortedKeys(value: Value): Value {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (value instanceof Tuple) return new Tuple(value.items.map(withSortedKeys));
  if (!(value instanceof Dict)) return value;
  const pairs = sortBy(
    Array.from(value.items(), ([key, item]) => new Tuple([key, withSortedKeys(item)])),
    (pair) => (pair as Tuple).items[0],
    false,
  );
  return new Dict(pairs.map((pair) => (pair as Tuple).items as readonly [Value, Value]));
}

function prettyPrint(value: Value): string {
  const text = repr(withSortedKeys(value));
  if (lengthOf(text) > 80) throw unsupported('the filter "pprint" of more than one line');
  return text;
}

function refused(name: string): FilterFunction {
  return () => {
    throw unsupported(`the filter "${name}"`);
  };
}

/** All filters of Jinja 3.1 and transformers. */
export const filters: Readonly<Record<string, FilterFunction>> = {
  ...textFilters,
  ...numberFilters,
  ...collectionFilters,
  ...orderFilters,
  ...selectionFilters,
  ...htmlFilters,
  tojson: jsonFilter,
  pprint: filter("pprint", [], prettyPrint),
  random: refused("random"),
  urlize: refused("urlize"),
};
