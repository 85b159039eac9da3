const number = /^[-−–±\d][\d.,]*(e[-+]?\d+)?( ?%)?( ±[\d.,]+)?( (MB|GB|s|min|h|min \d\d s|h \d\d min))?$/;

/**
 * A table as text: columns as wide as their widest cell, two spaces between them, numbers right-aligned.
 *
 * @param headings  how those of columns of numbers are aligned; other cells are left-aligned
 */
export function alignTable(rows: readonly (readonly string[])[], headings: "left" | "right" = "right"): string {
  const columns = rows[0].map((_, column) => rows.map((row) => row[column]));
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const isNumeric = columns.map((cells) => cells.slice(1).some((cell) => number.test(cell)));
  const pad = (cell: string, i: number) =>
    isNumeric[i] && (number.test(cell) || (headings === "right" && cell === rows[0][i]))
      ? cell.padStart(widths[i])
      : cell.padEnd(widths[i]);
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}
