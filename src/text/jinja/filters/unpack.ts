import { typeError, valueError } from "../template-error.js";
import { tryIterate } from "../values/iterate.js";
import { typeName } from "../values/types.js";
import type { Value } from "../values/value.js";

/** The items of a value that must have `count` of them. */
export function unpack(value: Value, count: number): Value[] {
  const items = tryIterate(value);
  if (items === null) throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
  const found: Value[] = [];
  for (const item of items) {
    if (found.length === count) throw valueError(`too many values to unpack (expected ${count})`);
    found.push(item);
  }
  if (found.length < count) throw valueError(`not enough values to unpack (expected ${count}, got ${found.length})`);
  return found;
}
