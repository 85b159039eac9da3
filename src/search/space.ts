import type { SearchRecipe } from "../recipe/recipe.js";
import { randomKey, uniform } from "../tensor/random.js";

/** What is tried, by path: a list of values or a range. */
export type Space = NonNullable<SearchRecipe["values"]>;
type Choices = Space[string];
type Range = Extract<Choices, { readonly min: number }>;

/** One value per path. */
export type Values = Readonly<Record<string, unknown>>;

/** Every combination of a space of lists, in the order of nested loops: the last path varies fastest. */
export function* gridOf(space: Space): Generator<Values> {
  const entries = Object.entries(space).map(([path, choices]) => [path, listOf(choices)] as const);
  const size = entries.reduce((product, [, list]) => product * list.length, 1);
  for (let index = 0; index < size; index++) {
    let rest = index;
    const chosen: [string, unknown][] = [];
    for (const [path, list] of entries.toReversed()) {
      chosen.unshift([path, list[rest % list.length]]);
      rest = Math.floor(rest / list.length);
    }
    yield Object.fromEntries(chosen);
  }
}

/** The number of combinations of the lists; infinite with a range. */
export function sizeOf(space: Space): number {
  return Object.values(space).reduce((product, choices) => product * (isRange(choices) ? Infinity : choices.length), 1);
}

/** So many draws in a row that repeat earlier ones mean that there are hardly any others. */
const maxRepeated = 1000;

/**
 * Values drawn independently, each combination once. The draws depend on seed, stream and path only, so more of them
 * begin with the same ones.
 */
export function* drawsOf(space: Space, seed: number, stream: string): Generator<Values> {
  const seen = new Set<string>();
  const size = sizeOf(space);
  for (let draw = 0, repeated = 0; seen.size < size && repeated < maxRepeated; draw++) {
    const values = Object.fromEntries(
      Object.entries(space).map(([path, choices]) => {
        const u = uniform(randomKey(seed, `search ${stream} ${path}`), draw);
        return [path, isRange(choices) ? drawIn(choices, u) : choices[Math.floor(u * choices.length)]];
      }),
    );
    const key = JSON.stringify(values);
    repeated = seen.has(key) ? repeated + 1 : 0;
    if (repeated > 0) continue;
    seen.add(key);
    yield values;
  }
}

function isRange(choices: Choices): choices is Range {
  return !Array.isArray(choices);
}

function listOf(choices: Choices): readonly unknown[] {
  return isRange(choices) ? [choices.min, choices.max] : choices;
}

/** Rounded to three digits, which people can read in a recipe. @param u  uniform in [0, 1) */
function drawIn({ min, max, scale, whole }: Range, u: number): number {
  if (whole) {
    const end = Math.floor(max) + 1;
    const value = scale === "log" ? min * (end / min) ** u : min + (end - min) * u;
    return Math.min(Math.floor(max), Math.max(Math.ceil(min), Math.floor(value)));
  }
  const value = scale === "log" ? min * (max / min) ** u : min + (max - min) * u;
  return Math.min(max, Math.max(min, Number(value.toPrecision(3))));
}

/** The values as arguments of --set; JSON is YAML. */
export function overridesOf(values: Values): string[] {
  return Object.entries(values).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
}

/** `training.learningRate 0.002, training.batchSize 4` */
export function valuesText(values: Values): string {
  const text = Object.entries(values).map(([path, value]) => `${path} ${JSON.stringify(value)}`);
  return text.length === 0 ? "as in the recipe" : text.join(", ");
}
