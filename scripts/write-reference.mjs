// npm run reference: builds, then writes docs/recipe.md and recipes/recipe.schema.json from the recipe's schema.
import { writeFileSync } from "node:fs";
import { recipeReference, recipeSchemaFile } from "#strata/recipe/reference.js";

writeFileSync("docs/recipe.md", recipeReference());
writeFileSync("recipes/recipe.schema.json", recipeSchemaFile());
