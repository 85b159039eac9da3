import { failure, unsupported, valueError } from "../template-error.js";

/** The exact absolute value of a finite double as numerator / denominator. */
export function fraction(value: number): { numerator: bigint; denominator: bigint } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const exponentBits = Number(bits >> 52n);
  const mantissa = (bits & 0xf_ffff_ffff_ffffn) | (exponentBits === 0 ? 0n : 1n << 52n);
  const exponent = Math.max(exponentBits, 1) - 1075;
  return exponent >= 0
    ? { numerator: mantissa << BigInt(exponent), denominator: 1n }
    : { numerator: mantissa, denominator: 1n << BigInt(-exponent) };
}

/** Python's `int(value)` of a float. @throws TemplateError for infinities and NaN */
export function wholePart(value: number): bigint {
  if (Number.isNaN(value)) throw valueError("cannot convert float NaN to integer");
  if (!Number.isFinite(value)) throw failure("OverflowError", "cannot convert float infinity to integer");
  return BigInt(Math.trunc(value));
}

const maxPlaces = 10_000;

/** |value| · 10^places as an int, rounded half to even on the exact value. */
function scaled(value: number, places: number): bigint {
  if (places > maxPlaces) throw unsupported(`more than ${maxPlaces} digits after the point`);
  let { numerator, denominator } = fraction(value);
  if (places >= 0) numerator *= 10n ** BigInt(places);
  else denominator *= 10n ** BigInt(-places);
  const quotient = numerator / denominator;
  const rest = 2n * (numerator % denominator);
  return rest > denominator || (rest === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** |value| with `places` digits after the point, as C's `%.*f`. The value is finite. */
export function fixedDigits(value: number, places: number): string {
  const digits = scaled(value, places)
    .toString()
    .padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** |value| as `places` + 1 digits and an exponent of ten, as C's `%.*e`. The value is finite. */
export function scientificDigits(value: number, places: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: "0".repeat(places + 1), exponent: 0 };
  const exponent = Number(Math.abs(value).toExponential().split("e")[1]);
  const digits = scaled(value, places - exponent).toString();
  // Rounding up may give one more digit.
  if (digits.length > places + 1) return { digits: digits.slice(0, places + 1), exponent: exponent + 1 };
  return { digits, exponent };
}

/** Python's `round(value, places)` of a finite float. */
export function roundFloat(value: number, places: number): number {
  if (places > 323) return value;
  if (places < -308) return Object.is(Math.sign(value), -1) || Object.is(value, -0) ? -0 : 0;
  const rounded = scaled(value, places);
  const text = `${rounded}e${-places}`;
  return (value < 0 || Object.is(value, -0) ? -1 : 1) * Number(text);
}
