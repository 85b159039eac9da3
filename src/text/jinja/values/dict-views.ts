import { isIn, sameOrEqual } from "./compare.js";
import { repr } from "./text.js";
import { type Dict, PythonObject, Tuple, type Value } from "./value.js";

export function keysView(dict: Dict): PythonObject {
  return view(
    "dict_keys",
    dict,
    () => dict.keys(),
    (item) => dict.has(item),
  );
}

export function valuesView(dict: Dict): PythonObject {
  return view(
    "dict_values",
    dict,
    () => dict.values(),
    (item) => [...dict.values()].some((value) => sameOrEqual(item, value)),
  );
}

export function itemsView(dict: Dict): PythonObject {
  return view(
    "dict_items",
    dict,
    () => pairs(dict),
    (item) => {
      if (!(item instanceof Tuple) || item.items.length !== 2) return false;
      const value = dict.get(item.items[0]);
      return value !== undefined && sameOrEqual(item.items[1], value);
    },
  );
}

function* pairs(dict: Dict): Generator<Value> {
  for (const pair of dict.items()) yield new Tuple(pair);
}

function view(
  type: string,
  dict: Dict,
  iterate: () => Iterator<Value>,
  contains: (item: Value) => boolean,
): PythonObject {
  const list = (): Value[] => [...{ [Symbol.iterator]: iterate }];
  return new PythonObject(type, {
    iterate,
    contains,
    length: () => dict.size,
    reversed: () => list().reverse().values(),
    repr: () => `${type}(${repr(list())})`,
    // Views of keys and items compare as sets; views of values only with themselves.
    equals: (other) =>
      type !== "dict_values" &&
      other.type === type &&
      other.protocol.length?.() === dict.size &&
      list().every((item) => isIn(item, other)),
  });
}
