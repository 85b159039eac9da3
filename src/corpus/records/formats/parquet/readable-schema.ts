import type { SchemaTree } from "hyparquet/src/types.js";
import { mapEntries } from "./parquet-values.js";

/**
 * A schema with lists declared in the only way that hyparquet knows, and with maps as lists of their entries: hyparquet
 * would make an object of a map, which loses the order and the type of its keys.
 */
export function readableSchema(node: SchemaTree): SchemaTree {
  const { element } = node;
  const children = node.children.map(readableSchema);
  if (mapEntries(node) !== null)
    return { ...node, children, element: { ...element, converted_type: undefined, logical_type: { type: "MAP" } } };
  if (element.logical_type?.type === "LIST")
    return { ...node, children, element: { ...element, converted_type: "LIST" } };
  return { ...node, children };
}
