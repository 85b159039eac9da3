/** JavaScript lists keys such as `7` first, in ascending order. */
const index = /^(?:0|[1-9]\d{0,9})$/;

/**
 * An object with these members. A Map if an object would not list them in this order, as with the keys `10` and `9`. Of
 * members with the same key, the last value counts, in the place of the first.
 */
export function orderedObject(
  entries: readonly (readonly [string, unknown])[],
): Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown> {
  const object: Record<string, unknown> = Object.fromEntries(entries);
  if (!entries.some(([key]) => index.test(key))) return object;
  const map = new Map(entries);
  const keys = Object.keys(object);
  return [...map.keys()].every((key, i) => key === keys[i]) ? object : map;
}

/** Whether an object has keys that JavaScript does not list in the order in which they were added. */
export function mayBeReordered(object: object): boolean {
  const keys = Object.keys(object);
  return keys.length > 1 && index.test(keys[0]);
}
