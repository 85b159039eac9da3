import { baselineNames } from "../plan/presets/presets.js";
import type { Recipe } from "../recipe/recipe.js";
import { nameOf } from "../recipe/resolve-strategies.js";
import { overrides } from "../recipe/schema/training.js";
import { overridesOf, type Values } from "./space.js";

export function isBaseline(name: string): boolean {
  return (baselineNames as readonly string[]).includes(name);
}

const trainingKeys = Object.keys(overrides.shape);

/**
 * The overrides that give a recipe's strategies these values. A path in `training` becomes a setting of each strategy
 * that is no baseline, so that vanilla keeps its own. A preset by name becomes a mapping where a path leads into it.
 */
export function strategyOverrides({ strategies }: Recipe, values: Values): string[] {
  const own = [...strategies.keys()].filter((i) => !isBaseline(nameOf(strategies[i])));
  const expanded = Object.entries(values).flatMap(([path, value]): [string, unknown][] => {
    const [room, key, ...rest] = path.split(".");
    if (room !== "training" || !trainingKeys.includes(key) || rest.length > 0) return [[path, value]];
    return own.map((i) => [`strategies.${i}.${path}`, value]);
  });
  const entered = new Set(expanded.flatMap(([path]) => /^strategies\.(\d+)\./.exec(path)?.[1] ?? []).map(Number));
  const presets = [...entered].filter((i) => typeof strategies[i] === "string");
  const mappings = Object.fromEntries(presets.map((i) => [`strategies.${i}`, { preset: strategies[i] }]));
  return [...overridesOf(mappings), ...overridesOf(Object.fromEntries(expanded))];
}
