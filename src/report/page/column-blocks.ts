import type { Cell, Table } from "../tables/table.js";

/** The room of a table on a screen of 1280 pixels, with a scroll bar, in pixels. */
const room = 1200;
/** Upper estimates for usual fonts at the sizes of the page, in pixels. */
const characterWidth = 9;
const smallCharacterWidth = 7.7;
const padding = 16;
/** Longer names of rows are wrapped. */
export const maxNameWidth = 300;

/**
 * Splits a table whose columns do not fit beside each other into blocks of columns. Each repeats the columns that name
 * the rows; columns with the same group are only separated if one block is too narrow for them.
 *
 * @param maxWidth  pixels
 * @returns tables with the same rows; the given one alone if it fits
 */
export function columnBlocks(table: Table, maxWidth = room): Table[] {
  const { columns, rows } = table;
  const widths = columns.map((_, index) => columnWidth(table, index));
  const widthOf = (indices: readonly number[]) => indices.reduce((sum, index) => sum + widths[index], 0);
  const all = [...columns.keys()];
  if (widthOf(all) <= maxWidth) return [table];
  const firstNumber = columns.findIndex(({ numeric }) => numeric);
  const names = firstNumber === -1 ? [] : all.slice(0, Math.max(1, firstNumber));
  const free = maxWidth - widthOf(names);
  const blocks: number[][] = [[]];
  const units = groups(table, all.slice(names.length)).flatMap((unit) =>
    widthOf(unit) <= free ? [unit] : unit.map((index) => [index]),
  );
  for (const unit of units) {
    const block = blocks[blocks.length - 1];
    if (block.length > 0 && widthOf([...block, ...unit]) > free) blocks.push([...unit]);
    else block.push(...unit);
  }
  return blocks.map((block) => {
    const shown = [...names, ...block];
    return {
      ...table,
      columns: shown.map((index) => columns[index]),
      rows: rows.map((row) => shown.map((index) => row[index])),
    };
  });
}

/** Runs of columns with the same group. */
function groups({ columns }: Table, indices: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const index of indices) {
    const run = runs.at(-1);
    if (run !== undefined && columns[run[0]].group === columns[index].group) run.push(index);
    else runs.push([index]);
  }
  return runs;
}

/** The least width of a column: numbers and names of rows stay on one line, other texts are wrapped between words. */
function columnWidth({ columns, rows }: Table, index: number): number {
  const { heading, numeric } = columns[index];
  const isWhole = numeric || index === 0;
  const cellWidth = ({ text, error }: Cell) => {
    const width = Math.max(
      characterWidth * (isWhole ? text.length : longestWord(text)),
      smallCharacterWidth * error.length,
    );
    return index === 0 ? Math.min(width, maxNameWidth) : width;
  };
  return padding + Math.max(characterWidth * longestWord(heading), ...rows.map((row) => cellWidth(row[index])));
}

function longestWord(text: string): number {
  return Math.max(...text.split(" ").map((word) => word.length));
}
