import { isHubReference } from "../hub/repository.js";
import type { HubAccess } from "../hub/settings.js";
import type { Recipe } from "../recipe/recipe.js";
import { planRun } from "../run/graph/run-graph.js";
import { firstSeed } from "./reduce-recipe.js";

/** Where the recipes of candidates come from. */
export interface RecipeSource {
  /** The recipe's file. */
  readonly file: string;
  /** The recipe with overrides as of `--set`, after those of the command line. */
  load(overrides: readonly string[]): Promise<Recipe>;
}

/** A source with the commits that its recipe's repositories on the hub have now, the same for all candidates. */
export async function pinSources(source: RecipeSource, recipe: Recipe, hub?: HubAccess): Promise<RecipeSource> {
  if (!usesHub(recipe)) return source;
  const pins = pinsOf(recipe, (await planRun(firstSeed(recipe), hub)).recipe);
  return { file: source.file, load: (overrides) => source.load([...pins, ...overrides]) };
}

function usesHub({ data, model, tokenizer }: Recipe): boolean {
  const inModel = "folder" in model && isHubReference(model.folder);
  const inTokenizer = tokenizer !== null && "file" in tokenizer && isHubReference(tokenizer.file);
  return inModel || inTokenizer || Object.values(data).some((set) => "hf" in set);
}

/** Overrides that pin a recipe's sources as in `pinned`. */
export function pinsOf(recipe: Recipe, pinned: Recipe): string[] {
  const sets = Object.entries(pinned.data).flatMap(([name, set]) =>
    "hf" in set ? [`data.${name}.revision=${JSON.stringify(set.revision)}`] : [],
  );
  const { model, tokenizer } = pinned;
  const isPinned = "folder" in recipe.model && "folder" in model && isHubReference(recipe.model.folder);
  return [
    ...sets,
    ...(isPinned ? [`model.folder=${JSON.stringify(model.folder)}`] : []),
    ...(tokenizer !== null && "file" in tokenizer && isHubReference(tokenizer.file)
      ? [`tokenizer.file=${JSON.stringify(tokenizer.file)}`]
      : []),
  ];
}
