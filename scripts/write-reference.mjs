// npm run reference: writes docs/recipe.md and recipes/recipe.schema.json from the recipe's schema.
import { writeReference } from "#strata/recipe/reference.js";

writeReference(".");
