import { fixedDigits } from "../../../text/jinja/format/decimal.js";
import { PythonFloat } from "../../../text/python-float.js";

/** What a cell of a pytablewriter table holds. Numbers keep the digits that they were given with. */
export type Cell =
  | { readonly kind: "string" | "blank"; readonly text: string }
  | { readonly kind: "integer"; readonly digits: bigint }
  | { readonly kind: "real"; readonly text: string; readonly places: number }
  | { readonly kind: "infinity" | "nan"; readonly text: string };

export type CellKind = Cell["kind"];

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

/** A text is a number if Python's Decimal reads it as one, so that `1.0000` is the integer 1. */
function recognize(text: string): Cell {
  const word = text.trim().replaceAll("_", "");
  if (text.trim() === "") return { kind: "blank", text };
  if (decimal.test(word)) return number(word);
  const ungrouped = /\d(?:,\d{1,3})+/.test(word) ? word.replaceAll(",", "") : "";
  if (decimal.test(ungrouped)) return number(ungrouped.replace(/\..*/, ""));
  if (/^[+-]?inf(?:inity)?$/i.test(word)) return { kind: "infinity", text: `${sign(word)}Infinity` };
  return /^[+-]?nan$/i.test(word) ? { kind: "nan", text: `${sign(word)}NaN` } : { kind: "string", text };
}

function sign(text: string): string {
  return text.startsWith("-") ? "-" : "";
}

function number(text: string): Cell {
  const [whole, fraction = ""] = text.replace(/^[+-]/, "").split(".");
  const minus = sign(text);
  if (/^0*$/.test(fraction)) return { kind: "integer", digits: BigInt(`${minus}${whole || "0"}`) };
  return { kind: "real", text: minus + (whole || "0") + "." + fraction, places: shortestPlaces(Number(text)) };
}

/** Digits after the point of the shortest text that reads back as the number: at most 4, since texts have 4. */
function shortestPlaces(value: number): number {
  return String(value).split(".")[1]?.length ?? 0;
}

function fromFloat(value: number): Cell {
  if (Number.isNaN(value)) return { kind: "nan", text: "NaN" };
  if (!Number.isFinite(value)) return { kind: "infinity", text: value < 0 ? "-Infinity" : "Infinity" };
  return Number.isInteger(value) ? { kind: "integer", digits: BigInt(value) } : number(plainText(value));
}

/** Without an exponent. */
function plainText(value: number): string {
  const [mantissa, exponent] = String(value).split("e-");
  if (exponent === undefined) return mantissa;
  const places = Number(exponent) + (mantissa.split(".")[1]?.length ?? 0);
  return (value < 0 ? "-" : "") + fixedDigits(value, places);
}

/**
 * The cells of a column. A text is not examined for a number once most cells above it are strings; the first of two
 * kinds that occur equally often counts.
 */
export function columnCells(values: readonly (string | bigint | number | PythonFloat)[]): Cell[] {
  const counts = new Map<CellKind, number>();
  return values.map((value) => {
    const cell = cellOf(typeof value === "string" ? value.replaceAll("\t", "  ") : value, mostCommon(counts));
    counts.set(cell.kind, (counts.get(cell.kind) ?? 0) + 1);
    return cell;
  });
}

function mostCommon(counts: ReadonlyMap<CellKind, number>): CellKind | null {
  let best: CellKind | null = null;
  for (const [kind, count] of counts) if (best === null || count > (counts.get(best) as number)) best = kind;
  return best;
}

function cellOf(value: string | bigint | number | PythonFloat, expected: CellKind | null): Cell {
  if (value instanceof PythonFloat) return fromFloat(value.value);
  if (typeof value === "bigint") return { kind: "integer", digits: value };
  if (typeof value === "number") return { kind: "integer", digits: BigInt(value) };
  return expected === "string" && value.trim() !== "" ? { kind: "string", text: value } : recognize(value);
}
