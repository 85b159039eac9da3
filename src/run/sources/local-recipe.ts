import type { DatasetRecipe, HubDatasetRecipe, ModelRecipe, Recipe } from "../../recipe/recipe.js";

/** A data set whose records are on this machine, or made by the program. */
export type LocalDataset = Exclude<DatasetRecipe, HubDatasetRecipe>;

/** A model folder of which only some files count: others may have been downloaded beside them. */
export interface ChosenFolder {
  readonly folder: string;
  /** Absolute paths; null for all files. */
  readonly files: readonly string[] | null;
}

/** A recipe whose sources are all files of this machine: what jobs are made from. */
export interface LocalRecipe extends Omit<Recipe, "data" | "model"> {
  readonly data: Readonly<Record<string, LocalDataset>>;
  readonly model: Exclude<ModelRecipe, { readonly folder: string }> | ChosenFolder;
}
