/** A whole number. */
export interface WholeKey {
  readonly type: "whole";
  readonly description: string;
  readonly minimum: number;
  readonly default: number;
}

/** How many of the first items the task uses; null, the default, for all. A kind has at most one such key. */
export interface LimitKey {
  readonly type: "limit";
  readonly description: string;
}

/** The name of a data set of the recipe; null, the default, for none. */
export interface DatasetKey {
  readonly type: "dataset";
  readonly description: string;
  /** A whole-number key that requires this data set when it is above 0. */
  readonly requiredBy: string;
}

export type RecipeKey = WholeKey | LimitKey | DatasetKey;

/** The keys that a kind of task adds to an entry of `evaluation` in a recipe, in the order of the documentation. */
export type RecipeKeys = Readonly<Record<string, RecipeKey>>;

interface ValueOf {
  readonly whole: number;
  readonly limit: number | null;
  readonly dataset: string | null;
}

/** The values of keys in a recipe with every default written out. */
export type RecipeValues<Keys extends RecipeKeys> = { readonly [K in keyof Keys]: ValueOf[Keys[K]["type"]] };

/** The names of the keys of one type; any text where the keys are not known. */
export type KeysOfType<Keys extends RecipeKeys, Type extends RecipeKey["type"]> = string extends keyof Keys
  ? string
  : { [K in keyof Keys]: Keys[K]["type"] extends Type ? K : never }[keyof Keys];

/** The names of a kind's keys of one type. */
export function keysOfType(keys: RecipeKeys, type: RecipeKey["type"]): string[] {
  return Object.entries(keys).flatMap(([name, key]) => (key.type === type ? [name] : []));
}
