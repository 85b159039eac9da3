import { readFile } from "node:fs/promises";
import { dirname, parse, resolve } from "node:path";
import { isHubReference } from "../hub/repository.js";
import type { ErrorParts } from "../errors/strata-error.js";
import { refuseLfsPointerFile } from "../files/lfs-pointer.js";
import { crossIssues } from "./checks/cross-issues.js";
import { replaceOldNames } from "./checks/renamed.js";
import { parseYaml, type RecipeDocument } from "./text/document.js";
import { describeValue, formatPath, isMapping, recipeErrors, type Issue, type Path } from "./errors/issue.js";
import { applyOverrides, type Override } from "./text/overrides.js";
import type { Recipe } from "./recipe.js";
import { resolveRecipe } from "./resolve/resolve-recipe.js";
import { recipeSchema } from "./schema/recipe.js";
import { schemaIssues } from "./errors/zod-issues.js";

/**
 * Reads a recipe with every default written out.
 *
 * @param overrides  `a.b=c` of each --set; paths of files in them are relative to the working directory
 * @throws StrataError that lists all mistakes, by place
 */
export async function loadRecipe(path: string, overrides: readonly string[]): Promise<Recipe> {
  let text: string;
  refuseLfsPointerFile(path);
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const got = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "a folder" : String(code);
    throw recipeErrors([
      { where: path, expected: "a recipe file", got, hint: "See recipes/ for recipes to start from." },
    ]);
  }
  return parseRecipe(text, path, overrides);
}

/**
 * As `loadRecipe`, from a text.
 *
 * @param path  of the file that holds the text; paths in it are relative to its folder
 */
export function parseRecipe(text: string, path: string, overrides: readonly string[] = []): Recipe {
  const { document, errors } = parseYaml(text, path);
  if (document === null) throw recipeErrors(errors);
  if (!isMapping(document.value)) throw recipeErrors([notAMapping(path, document.value)]);
  const set = applyOverrides(document.value, overrides);
  const { value, issues: renamed, writtenPath } = replaceOldNames(set.value);
  const folderOf = (at: Path) => (overrideAt(at, set.overrides) ? resolve(".") : dirname(resolve(path)));
  const resolvePath = (file: string, at: Path) => (isHubReference(file) ? file : resolve(folderOf(at), file));
  const parsed = recipeSchema.safeParse(value);
  const issues = distinct([
    ...renamed,
    ...(parsed.error ? schemaIssues(parsed.error.issues, value) : []),
    ...crossIssues(value, resolvePath),
  ]);
  const locate = (issue: Issue) =>
    locateIssue({ ...issue, path: writtenPath(issue.path) }, path, document, set.overrides);
  if (issues.length + set.errors.length > 0 || !parsed.success) {
    const found = issues
      .map(locate)
      .sort((a, b) => a.order - b.order)
      .map(({ parts }) => parts);
    throw recipeErrors([...found, ...set.errors]);
  }
  return resolveRecipe(parsed.data, {
    defaultName: parse(path).name,
    resolvePath,
    where: (at) => locate({ path: at, atKey: false, expected: "", got: "", hint: "" }).parts.where,
  });
}

function notAMapping(path: string, value: unknown): ErrorParts {
  return {
    where: `${path}:1:1`,
    expected: "a mapping",
    got: describeValue(value),
    hint: "Start from recipes/demo.yaml.",
  };
}

/** One issue per place: the schema's before those that follow from it. */
function distinct(issues: readonly Issue[]): Issue[] {
  const seen = new Set<string>();
  return issues.filter(({ path, got, atKey }) => {
    const key = JSON.stringify([path, got, atKey]);
    return !seen.has(key) && seen.add(key);
  });
}

/** The last --set of the value at a path or of a mapping around it. */
function overrideAt(path: Path, overrides: readonly Override[]): Override | undefined {
  return overrides.findLast((set) => set.path.every((key, i) => key === path[i]));
}

function locateIssue(
  { path, atKey, expected, got, hint }: Issue,
  file: string,
  document: RecipeDocument,
  overrides: readonly Override[],
): { order: number; parts: ErrorParts } {
  const set = overrideAt(path, overrides);
  const name = formatPath(path);
  if (set) {
    const inside = set.path.length < path.length ? ` ${name}` : "";
    return { order: Number.MAX_SAFE_INTEGER, parts: { where: `--set ${set.text}${inside}`, expected, got, hint } };
  }
  const { line, column } = document.locate(path, atKey);
  return {
    order: line * 1e6 + column,
    parts: { where: `${file}:${line}:${column} ${name}`.trim(), expected, got, hint },
  };
}
