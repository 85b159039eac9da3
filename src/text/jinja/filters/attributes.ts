import { getItem } from "../operators/access.js";
import { type Value, Undefined } from "../values/value.js";
import { textOf } from "../values/types.js";

/** The items of a path such as `address.0.city`. */
function pathOf(attribute: Value): readonly Value[] {
  if (attribute === null) return [];
  const text = textOf(attribute);
  if (text === null) return [attribute];
  return text.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Looks up a path of items; each undefined item becomes `byDefault` unless that is None. */
export function getter(attribute: Value, byDefault: Value = null): (value: Value) => Value {
  const path = pathOf(attribute);
  return (value) =>
    path.reduce<Value>((found, part) => {
      const next = getItem(found, part);
      return next instanceof Undefined && byDefault !== null ? byDefault : next;
    }, value);
}

/** Looks up several paths with commas between them. */
export function multiGetter(attribute: Value): (value: Value) => Value[] {
  const text = textOf(attribute);
  const getters = (text === null ? [attribute] : text.split(",")).map((part) => getter(part));
  return (value) => getters.map((get) => get(value));
}

export function ignoreCase(value: Value): Value {
  const text = textOf(value);
  return text === null ? value : text.toLowerCase();
}
