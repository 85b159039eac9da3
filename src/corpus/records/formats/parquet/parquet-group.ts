import type { DecodedArray, RowGroup, SchemaTree } from "hyparquet/src/types.js";
import { assembleNested } from "hyparquet/src/assemble.js";
import { StrataError } from "../../../../errors/strata-error.js";
import { parsers } from "./leaf-values.js";
import { openColumn, type ColumnOptions, type ColumnReader } from "./parquet-column.js";
import type { TableRow } from "./parquet-values.js";

/** A top-level column: flat, or lists and structs assembled from several leaf columns. */
interface TopColumn {
  readonly node: SchemaTree;
  readonly leaves: readonly ColumnReader[];
}

const maxRowsPerRun = 256;

/**
 * Reads the rows of a row group from row `skip`, in runs of rows for which all columns are decoded.
 *
 * @param columns  the columns to read, of the file's schema
 * @throws Error if the group is damaged
 */
export function* readGroup(
  group: RowGroup,
  columns: readonly SchemaTree[],
  options: ColumnOptions,
): Iterable<readonly TableRow[]> {
  const { skip } = options;
  const tops = columns.map((node): TopColumn => ({ node, leaves: leavesOf(group, node, options) }));
  for (let left = Number(group.num_rows) - skip; left > 0;) {
    let count = Math.min(left, maxRowsPerRun);
    for (const { leaves } of tops) {
      for (const leaf of leaves) {
        while (leaf.ready() === 0) leaf.readPage();
        count = Math.min(count, leaf.ready());
      }
    }
    const values = tops.map((top) => takeValues(top, count));
    yield Array.from({ length: count }, (_, i) =>
      Object.fromEntries(tops.map(({ node }, j) => [node.element.name, values[j][i]])),
    );
    left -= count;
  }
}

function leavesOf({ columns }: RowGroup, node: SchemaTree, options: ColumnOptions): ColumnReader[] {
  const { name } = node.element;
  return columns.flatMap(({ meta_data: data, crypto_metadata: key, file_path: elsewhere }, i) => {
    // The path of an encrypted column may be encrypted, too: the columns are in the order of the schema.
    const path = data?.path_in_schema ?? leafPaths(options.schema)[i];
    if (path[0] !== name) return [];
    if (data === undefined || key !== undefined) throw unreadable(options.path, name, "an encrypted one");
    if (elsewhere) throw unreadable(options.path, name, `one in the file ${elsewhere}`);
    return [openColumn(data, options)];
  });
}

function leafPaths(node: SchemaTree): readonly (readonly string[])[] {
  return node.children.length === 0 ? [node.path] : node.children.flatMap(leafPaths);
}

function unreadable(path: string, column: string, got: string): StrataError {
  return new StrataError("CorpusError", {
    where: `${path} ${column}`,
    expected: "a column that this file holds in the clear",
    got,
    hint: "Write the file again, without encryption and in one piece, or use another column.",
  });
}

function takeValues({ node, leaves }: TopColumn, count: number): DecodedArray {
  if (node.children.length === 0) return leaves[0].take(count);
  const parts = new Map<string, DecodedArray>(leaves.map((leaf) => [leaf.path.join("."), leaf.take(count)]));
  assembleNested(parts, node, parsers);
  return parts.get(node.path.join(".")) ?? [];
}
