import { z } from "zod";
import { recipeSchema } from "./schema.js";

/** A node of a JSON Schema, as far as it is read here. */
export interface SchemaNode {
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** The recipe's JSON Schema (draft 7), for editors; `recipes/recipe.schema.json` is this. */
export function recipeJsonSchema(): SchemaNode {
  const schema = z.toJSONSchema(recipeSchema, { target: "draft-7", io: "input" });
  return { ...schema, title: "Strata recipe" } as SchemaNode;
}

/** The forms that a node allows: itself, or its alternatives. */
export function formsOf(node: SchemaNode): readonly SchemaNode[] {
  return (node.anyOf ?? node.oneOf)?.flatMap(formsOf) ?? [node];
}

/** The keys of a node or its forms. */
export function keysOf(node: SchemaNode): readonly string[] {
  return [...new Set(formsOf(node).flatMap((form) => Object.keys(form.properties ?? {})))];
}

/** The keys that tell the forms of a node apart: the first of each; null for a node whose forms are not told apart so. */
export function formKeysOf(node: SchemaNode): readonly string[] | null {
  const keys = formsOf(node).map(({ properties }) => Object.keys(properties ?? {})[0]);
  return keys.length > 1 && !keys.includes(undefined as never) && new Set(keys).size === keys.length ? keys : null;
}
