import { valueError } from "../template-error.js";
import { sameOrEqual } from "../values/compare.js";
import { itemsView, keysView, valuesView } from "../values/dict-views.js";
import { method, type Methods } from "../values/functions.js";
import { iterate } from "../values/iterate.js";
import { index } from "../values/range.js";
import { repr } from "../values/text.js";
import { Dict, type Value } from "../values/value.js";

function indexOf(items: readonly Value[], [item, start, stop]: readonly Value[]): number {
  const bound = (value: Value): number => {
    const at = index(value);
    return at < 0 ? Math.max(0, at + items.length) : at;
  };
  const from = bound(start);
  const to = stop === null ? items.length : bound(stop);
  const found = items.findIndex((each, i) => i >= from && i < to && sameOrEqual(each, item));
  if (found === -1) throw valueError(`${repr(item)} is not in list`);
  return found;
}

export const sequenceMethods: Methods<readonly Value[]> = {
  index: method(["value", ["start", 0], ["stop", null]], indexOf),
  count: method(["value"], (self, [item]) => self.filter((each) => sameOrEqual(each, item)).length),
};

export const listMethods: Methods<readonly Value[]> = {
  ...sequenceMethods,
  copy: method([], (self) => [...self]),
};

/** Methods that the sandbox refuses, because they change their object. */
export const changingListMethods = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];
export const changingDictMethods = ["clear", "pop", "popitem", "setdefault", "update"];

export const dictMethods: Methods<Dict> = {
  get: method(["key", ["default", null]], (self, [key, byDefault]) => {
    const value = self.get(key);
    return value === undefined ? byDefault : value;
  }),
  keys: method([], keysView),
  values: method([], valuesView),
  items: method([], itemsView),
  copy: method([], (self) => new Dict(self.items())),
  fromkeys: method(["iterable", ["value", null]], (_, [keys, value]) => fromKeys(keys, value)),
};

export function fromKeys(keys: Value, value: Value): Dict {
  return new Dict(Array.from(iterate(keys), (key) => [key, value] as const));
}
