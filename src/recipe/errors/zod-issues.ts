import type { z } from "zod";
import { describeValue, isMapping, valueAt, type Issue, type Path } from "./issue.js";
import { formKeysOf, formsOf, keysOf, nodesAt, recipeJsonSchema, type SchemaNode } from "../schema/json-schema.js";
import { suggestName } from "../../errors/nearest-name.js";
import { formKeys } from "../schema/values.js";

/**
 * The schema's issues in the form of a recipe's messages.
 *
 * @param found  issues of `recipeSchema`, whose messages are the "expected …"
 * @param value  the validated recipe
 */
export function schemaIssues(found: readonly z.core.$ZodIssue[], value: unknown): Issue[] {
  const root = recipeJsonSchema();
  return found.flatMap((issue) => flatten(issue, [], value)).flatMap((issue) => toIssues(issue, value, root));
}

/** An issue with its full path; for a union, the issues of the form that was probably intended. */
function flatten(issue: z.core.$ZodIssue, before: Path, value: unknown): z.core.$ZodIssue[] {
  const path = [...before, ...(issue.path as Path)];
  const complete = { ...issue, path } as z.core.$ZodIssue;
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [complete];
  const form = intendedForm(issue, valueAt(value, path));
  return form === null ? [complete] : form.flatMap((inner) => flatten(inner, path, value));
}

function intendedForm(issue: z.core.$ZodIssueInvalidUnion, value: unknown): readonly z.core.$ZodIssue[] | null {
  if (typeof value !== "object" || value === null) return null;
  const keys = formKeys(issue.message);
  if (keys !== null) {
    const present = keys.filter((key) => Object.hasOwn(value, key));
    return present.length === 1 ? issue.errors[keys.indexOf(present[0])] : null;
  }
  const ofItsType = issue.errors.filter(
    (errors) => !errors.some(({ path, code }) => path.length === 0 && /^invalid_(type|value)$/.test(code)),
  );
  return ofItsType.length === 1 ? ofItsType[0] : null;
}

function toIssues(issue: z.core.$ZodIssue, value: unknown, root: SchemaNode): Issue[] {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") return unknownKeys(issue.keys, path, valueAt(value, path), root);
  const at = valueAt(value, path);
  const forms = issue.code === "invalid_union" ? formKeys(issue.message) : null;
  const got = forms !== null && isMapping(at) ? formsGiven(at, forms) : describeValue(at);
  return [{ path, atKey: false, expected: issue.message, got, hint: hintFor(root, path, at, forms) }];
}

/** Keys that the schema does not know in a mapping. A key of another form means that two forms are mixed. */
function unknownKeys(keys: readonly string[], path: Path, value: unknown, root: SchemaNode): Issue[] {
  const node = nodesAt(root, path);
  const known = knownKeys(node, value);
  const forms = node.map(formKeysOf).find((one) => one !== null) ?? [];
  const tooMany = keys.some((key) => forms.includes(key)) && isMapping(value);
  const conflict: Issue[] = tooMany
    ? [
        {
          path,
          atKey: false,
          expected: `exactly one of ${forms.join(", ")}`,
          got: formsGiven(value, forms),
          hint: keepOne(path),
        },
      ]
    : [];
  const others = keys.filter((key) => !forms.includes(key) && !(tooMany && node.flatMap(keysOf).includes(key)));
  return [
    ...conflict,
    ...others.map((key) => ({
      path: [...path, key],
      atKey: true,
      expected: `one of the keys ${known.join(", ")}`,
      got: JSON.stringify(key),
      hint: depthConflict(node, key, value) ?? insideOf(node, key) ?? suggestName(key, known) ?? "Remove this key.",
    })),
  ];
}

/** A hint for a size next to `depth`, from which all sizes follow. */
function depthConflict(nodes: readonly SchemaNode[], key: string, value: unknown): string | null {
  const shapes = nodes.flatMap(formsOf).flatMap((form) => [form, ...formsOf(form.properties?.random ?? {})]);
  if (!isMapping(value) || !("depth" in value) || !shapes.some((shape) => keysOf(shape).includes(key))) return null;
  return (
    `\`depth\` sets every size. To choose them, write \`layers: ${String(value.depth)}\` and the sizes instead; ` +
    "a model's shape belongs under `random:`."
  );
}

/** A hint for a key that belongs one mapping deeper. */
function insideOf(nodes: readonly SchemaNode[], key: string): string | null {
  for (const [name, child] of nodes.flatMap(formsOf).flatMap(({ properties }) => Object.entries(properties ?? {}))) {
    if (keysOf(child).includes(key)) return `It belongs under \`${name}:\`.`;
  }
  return null;
}

function keepOne(path: Path): string {
  return `Keep one of them; --set '${path.join(".")}={…}' replaces the whole mapping.`;
}

function formsGiven(value: Readonly<Record<string, unknown>>, forms: readonly string[]): string {
  const keys = Object.keys(value);
  const given = keys.filter((key) => forms.includes(key));
  return (given.length > 0 ? given : keys).join(" and ") || "an empty mapping";
}

function hintFor(root: SchemaNode, path: Path, value: unknown, forms: readonly string[] | null): string {
  const node = nodesAt(root, path);
  const choices = node
    .flatMap(formsOf)
    .flatMap(({ enum: values, const: one }) => values ?? (one === undefined ? [] : [one]));
  const words = forms !== null && isMapping(value) ? Object.keys(value) : [value];
  for (const word of words) {
    if (typeof word !== "string" || forms?.includes(word)) continue;
    const similar = suggestName(word, forms ?? choices.map(String));
    if (similar !== null) return similar;
  }
  const key = path.findLast((part) => typeof part === "string");
  const around = typeof path.at(-1) === "number" ? nodesAt(root, path.slice(0, -1)) : [];
  const description = [...node, ...around].find((form) => form.description !== undefined)?.description;
  if (forms !== null && isMapping(value) && forms.some((form) => form in value)) {
    return keepOne(path);
  }
  if (value === undefined) return `Add \`${key}:\`${description ? ` — ${description}` : "."}`;
  return description ?? "See docs/recipe.md for the allowed values.";
}

/** The allowed keys of a mapping: those of the form that shares most keys with `value`. */
function knownKeys(nodes: readonly SchemaNode[], value: unknown): readonly string[] {
  const forms = nodes.flatMap(formsOf).filter(({ properties }) => properties !== undefined);
  if (!isMapping(value)) return forms.flatMap(keysOf);
  const shared = forms.map((form) => formScore(form, value));
  return keysOf(forms[shared.indexOf(Math.max(...shared))] ?? {});
}

function formScore(form: SchemaNode, value: Readonly<Record<string, unknown>>): number {
  return Object.entries(form.properties ?? {}).filter(([key, { const: only }]) => {
    return key in value && (only === undefined || only === value[key]);
  }).length;
}
