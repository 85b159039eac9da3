import { alignTable } from "./align-table.js";

/** Columns of a table that are never separated, below a title. */
export interface Block {
  readonly title: string;
  /** The headings first, then one row per name. */
  readonly rows: readonly (readonly string[])[];
}

const gap = "   ";

/**
 * Blocks beside each other, each row with its name; blocks that do not fit into the width follow below, with the names
 * again.
 *
 * @param names  the heading of the names first, then one per row
 */
export function sideBySide(names: readonly string[], blocks: readonly Block[], maxWidth: number): string {
  const nameLines = padded(["", ...names]);
  const groups: (readonly string[])[][] = [];
  let width = Infinity;
  for (const { title, rows } of blocks) {
    const lines = padded([title, ...alignTable(rows).split("\n")]);
    width += gap.length + lines[0].length;
    if (width > maxWidth) {
      groups.push([nameLines]);
      width = nameLines[0].length + gap.length + lines[0].length;
    }
    groups[groups.length - 1].push(lines);
  }
  return groups.map(joined).join("\n\n");
}

function padded(lines: readonly string[]): string[] {
  const width = Math.max(...lines.map((line) => line.length));
  return lines.map((line) => line.padEnd(width));
}

function joined(blocks: readonly (readonly string[])[]): string {
  return blocks[0]
    .map((_, row) =>
      blocks
        .map((lines) => lines[row])
        .join(gap)
        .trimEnd(),
    )
    .join("\n");
}
