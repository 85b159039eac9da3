import { z } from "zod";
import { recipeSchema } from "./recipe.js";

/** A node of a JSON Schema: the members that this program reads. */
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

/** The recipe's JSON Schema (draft 7), for editors: the content of `recipes/recipe.schema.json`. */
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

/** The keys that identify the forms of a node, the first key of each; null for a node without such forms. */
export function formKeysOf(node: SchemaNode): readonly string[] | null {
  const keys = formsOf(node).flatMap(({ properties }) => (properties ? [Object.keys(properties)[0]] : []));
  return keys.length > 1 && new Set(keys).size === keys.length ? keys : null;
}

/** The nodes of the schema that a path of a recipe may lead to. */
export function nodesAt(root: SchemaNode, path: readonly (string | number)[]): readonly SchemaNode[] {
  let nodes: readonly SchemaNode[] = [root];
  for (const key of path) {
    nodes = nodes.flatMap(formsOf).flatMap((form) => {
      if (typeof key === "number") return form.items ? [form.items] : [];
      const child = form.properties?.[key] ?? form.additionalProperties;
      return typeof child === "object" ? [child] : [];
    });
  }
  return nodes;
}
