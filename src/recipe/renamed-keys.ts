/** Keys of older recipes and what each is called now, in whichever mapping it stands. */
const renamedKeys: Readonly<Record<string, string>> = {
  validation: "holdOut",
};

/**
 * What to write in place of an old key; null if there is none.
 *
 * @param here      the keys of the mapping that the old key is in
 * @param topLevel  the keys of the recipe itself
 */
export function renamedKeyHint(key: string, here: readonly string[], topLevel: readonly string[]): string | null {
  const current = Object.hasOwn(renamedKeys, key) ? renamedKeys[key] : null;
  if (current === null) return null;
  if (here.includes(current)) return `It was renamed to \`${current}\`.`;
  if (!topLevel.includes(current)) return null;
  return `It was renamed to \`${current}\`, which is now a key of the recipe itself: write it once, at the top level.`;
}
