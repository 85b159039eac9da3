import type { DecodedArray, ParquetParsers, RowGroup, SchemaTree } from "hyparquet/src/types.js";
import { assembleNested } from "hyparquet/src/assemble.js";
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
 * @param columns  names of the columns to read; null for all
 * @throws Error if the group is damaged
 */
export function* readGroup(
  group: RowGroup,
  columns: ReadonlySet<string> | null,
  options: ColumnOptions,
): Iterable<readonly TableRow[]> {
  const { schema, skip, parsers } = options;
  const tops = schema.children
    .filter(({ element }) => columns === null || columns.has(element.name))
    .map((node): TopColumn => ({ node, leaves: leavesOf(group, node, options) }));
  for (let left = Number(group.num_rows) - skip; left > 0;) {
    let count = Math.min(left, maxRowsPerRun);
    for (const { leaves } of tops) {
      for (const leaf of leaves) {
        while (leaf.ready() === 0) leaf.readPage();
        count = Math.min(count, leaf.ready());
      }
    }
    const values = tops.map((top) => takeValues(top, count, parsers));
    yield Array.from({ length: count }, (_, i) =>
      Object.fromEntries(tops.map(({ node }, j) => [node.element.name, values[j][i]])),
    );
    left -= count;
  }
}

function leavesOf({ columns }: RowGroup, node: SchemaTree, options: ColumnOptions): ColumnReader[] {
  return columns.flatMap(({ meta_data: data, file_path: elsewhere }) => {
    if (data === undefined || elsewhere) throw new Error("a column that is encrypted or in another file");
    return data.path_in_schema[0] === node.element.name ? [openColumn(data, options)] : [];
  });
}

function takeValues({ node, leaves }: TopColumn, count: number, parsers: ParquetParsers): DecodedArray {
  if (node.children.length === 0) return leaves[0].take(count);
  const parts = new Map<string, DecodedArray>(leaves.map((leaf) => [leaf.path.join("."), leaf.take(count)]));
  assembleNested(parts, node, parsers);
  return parts.get(node.path.join(".")) ?? [];
}
