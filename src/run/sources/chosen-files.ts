import { sourceFile, sourceFolder, type SourceFile } from "../../jobs/source-file.js";
import type { ChosenFolder } from "./local-recipe.js";

/** The files of a model folder that the recipe uses, with their hashes. */
export async function chosenFiles({ folder, files }: ChosenFolder): Promise<SourceFile[]> {
  if (files === null) return sourceFolder(folder);
  const chosen: SourceFile[] = [];
  for (const path of files) chosen.push(await sourceFile(path));
  return chosen;
}
