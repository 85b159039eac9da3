// npm run reference: writes docs/recipe.md and recipes/recipe.schema.json from the recipe's schema, and the table of
// merge methods in docs/merging.md.
import { readFileSync, writeFileSync } from "node:fs";
import { withMethodsReference } from "#strata/merge/methods/reference.js";
import { writeReference } from "#strata/recipe/reference.js";

writeReference(".");
writeFileSync("docs/merging.md", withMethodsReference(readFileSync("docs/merging.md", "utf8")));
