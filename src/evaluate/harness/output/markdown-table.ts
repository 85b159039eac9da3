import type { PythonFloat } from "../../../text/python-float.js";
import { columnCells, type Cell, type CellKind } from "./cell.js";
import { padCenter, padEnd, padStart, textWidth } from "./text-width.js";

interface Column {
  readonly header: string;
  readonly kind: CellKind;
  readonly width: number;
  readonly cells: readonly { readonly text: string; readonly right: boolean }[];
}

/** A Markdown table, line for line as pytablewriter 1.2.1 writes it; each line ends with a newline. */
export function markdownTable(
  headers: readonly string[],
  rows: readonly (readonly (string | bigint | number | PythonFloat)[])[],
): string {
  const columns = headers.map((header, i) => layOut(header, columnCells(rows.map((row) => row[i]))));
  const lines = [
    columns.map(({ header, width }) => escapeBars(padCenter(header, width))),
    columns.map(({ kind, width }) => (isNumeric(kind) ? `${"-".repeat(width - 1)}:` : "-".repeat(width))),
    ...rows.map((_, row) =>
      columns.map(({ cells, width }) => {
        const { text, right } = cells[row];
        return escapeBars(right ? padStart(text, width) : padEnd(text, width));
      }),
    ),
  ];
  return lines.map((line) => `|${line.join("|")}|\n`).join("");
}

function escapeBars(text: string): string {
  return text.replaceAll("|", "\\|");
}

function isNumeric(kind: CellKind): boolean {
  return kind === "integer" || kind === "real";
}

function layOut(header: string, cells: readonly Cell[]): Column {
  const kind = kindOfColumn(new Set(cells.map((cell) => cell.kind)));
  const places = Math.max(0, ...cells.map((cell) => (cell.kind === "real" ? cell.places : 0)));
  const texts = cells.map((cell) => ({
    text: cellText(cell, kind, places),
    right: isNumeric(kind) || (kind === "string" && isNumeric(cell.kind)),
  }));
  const width = Math.max(3, textWidth(header), ...texts.map(({ text }) => textWidth(text)));
  return { header, kind, cells: texts, width };
}

function kindOfColumn(kinds: ReadonlySet<CellKind>): CellKind {
  if (kinds.has("string")) return "string";
  const floats = (["real", "infinity", "nan"] as const).filter((kind) => kinds.has(kind));
  if (floats.length + Number(kinds.has("blank")) >= 2 && floats.length > 0) return "real";
  if (floats.length > 0 && kinds.has("integer")) return "real";
  return floats[0] ?? (kinds.has("integer") ? "integer" : "blank");
}

/** Numbers of a column of reals get the digits of its longest fraction, integers in a column of strings get none. */
function cellText(cell: Cell, column: CellKind, places: number): string {
  if (cell.kind === "integer") return column === "real" ? fixed(`${cell.digits}.`, places) : String(cell.digits);
  return cell.kind === "real" ? fixed(cell.text, places) : cell.text;
}

/** The decimal number with as many digits after the point, rounded half to even. */
function fixed(text: string, places: number): string {
  const [whole, fraction] = text.split(".");
  const kept = whole + (places > 0 ? `.${fraction.slice(0, places).padEnd(places, "0")}` : "");
  if (fraction.length <= places) return kept;
  const minus = text.startsWith("-") ? "-" : "";
  const rest = fraction.slice(places);
  const half = `5${"0".repeat(rest.length - 1)}`;
  let digits = BigInt(kept.replace(/[-.]/g, ""));
  if (rest > half || (rest === half && digits % 2n === 1n)) digits++;
  const all = String(digits).padStart(places + 1, "0");
  return minus + (places === 0 ? all : `${all.slice(0, -places)}.${all.slice(-places)}`);
}
