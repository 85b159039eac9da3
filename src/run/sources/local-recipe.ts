import type { DatasetRecipe, HubDatasetRecipe, ModelRecipe, Recipe } from "../../recipe/recipe.js";

/** A data set in local files, or synthetic. */
export type LocalDataset = Exclude<DatasetRecipe, HubDatasetRecipe>;

/** A model folder of which only some files are used; the hub cache may contain others. */
export interface ChosenFolder {
  readonly folder: string;
  /** Absolute paths; null for all files. */
  readonly files: readonly string[] | null;
}

/** A recipe whose sources are all local files: the input of the run graph. */
export interface LocalRecipe extends Omit<Recipe, "data" | "model"> {
  readonly data: Readonly<Record<string, LocalDataset>>;
  readonly model: Exclude<ModelRecipe, { readonly folder: string }> | ChosenFolder;
}
