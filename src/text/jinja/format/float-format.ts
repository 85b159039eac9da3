import { formatFloat } from "../../python-float.js";
import { fixedDigits, scientificDigits } from "./decimal.js";

export interface FloatStyle {
  /** `r` is the shortest text that reads back as the value. */
  readonly type: "e" | "f" | "g" | "r";
  readonly precision: number;
  /** Whether to keep the point, and with `g` trailing zeros. */
  readonly alternate: boolean;
  readonly upper: boolean;
}

/** |value| as text, without a sign. */
export function floatDigits(value: number, style: FloatStyle): string {
  const text = lowerDigits(Math.abs(value), style);
  return style.upper ? text.toUpperCase() : text;
}

function lowerDigits(value: number, { type, precision, alternate }: FloatStyle): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  switch (type) {
    case "r":
      return formatFloat(value);
    case "f":
      return fixedDigits(value, precision) + (alternate && precision === 0 ? "." : "");
    case "e": {
      const { digits, exponent } = scientificDigits(value, precision);
      return withExponent(digits, exponent, alternate);
    }
    case "g":
      return general(value, Math.max(precision, 1), alternate);
  }
}

function withExponent(digits: string, exponent: number, alternate: boolean): string {
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits + (alternate ? "." : "");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function general(value: number, precision: number, alternate: boolean): string {
  const { digits: all, exponent } = scientificDigits(value, precision - 1);
  const digits = alternate ? all : all.replace(/0+$/, "") || "0";
  if (exponent < -4 || exponent >= precision) return withExponent(digits, exponent, alternate);
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = digits.slice(exponent + 1);
  return rest === "" ? whole + (alternate ? "." : "") : `${whole}.${rest}`;
}
