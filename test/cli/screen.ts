/** What a terminal shows after some output. It knows the codes that Strata writes and refuses all others. */
export interface Screen {
  /** From the first line that was ever written, without trailing spaces. */
  readonly lines: readonly string[];
  readonly cursorIsVisible: boolean;
  /** Lines that were longer than the terminal. */
  readonly wrapped: readonly string[];
}

const wide = /^[\u4e00-\u9fff]$/u;

/** Runs output as a terminal does that keeps everything which scrolls away. Wide characters: common Chinese ones. */
export function screenAfter(output: string, columns: number): Screen {
  const lines: string[][] = [[]];
  const wrapped: string[] = [];
  let [row, column, cursorIsVisible] = [0, 0, true];
  for (const [piece] of output.matchAll(/\p{Cc}\[[?\d;]*[A-Za-z]|[\s\S]/gu)) {
    const [, amount, code] = /^\p{Cc}\[([?\d;]*)([A-Za-z])$/u.exec(piece) ?? [];
    if (piece === "\r") column = 0;
    else if (piece === "\n") {
      row++;
      lines[row] ??= [];
    } else if (code === "A") row = Math.max(0, row - Number(amount || 1));
    else if (code === "K" && amount === "") lines[row].length = Math.min(lines[row].length, column);
    else if (code === "K" && amount === "2") lines[row] = [];
    else if (code === "J" && amount === "") {
      lines[row].length = Math.min(lines[row].length, column);
      lines.length = row + 1;
    } else if (amount === "?25") cursorIsVisible = code === "h";
    else if (code === "m") continue;
    else if (code !== undefined || piece < " ") throw new Error(`unknown: ${JSON.stringify(piece)}`);
    else {
      while (lines[row].length < column) lines[row].push(" ");
      lines[row][column++] = piece;
      if (wide.test(piece)) lines[row][column++] = "";
      if (column > columns) wrapped.push(lines[row].join(""));
    }
  }
  return { lines: lines.map((line) => line.join("").trimEnd()), cursorIsVisible, wrapped };
}
