/**
 * A number that Python holds as a float. JSON's `18.0` is one, although JavaScript cannot tell it from `18`, which
 * Python holds as an int.
 */
export class PythonFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  toString(): string {
    return formatFloat(this.value);
  }

  valueOf(): number {
    return this.value;
  }

  /** JSON has no way to write that a whole number is a float, and none for infinities and NaN. */
  toJSON(): number {
    return this.value;
  }
}

/** Writes a float as Python's `repr` does: `18.0`, `1e-05`, `1e+16`, `inf`, `nan`. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  // Both languages write the shortest digits that read back as the same number; they place the point differently.
  const [mantissa, exponentText] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${twoDigits(exponent)}`;
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

function twoDigits(exponent: number): string {
  return String(Math.abs(exponent)).padStart(2, "0");
}

/**
 * Writes a number of a record as Python does: bigints and whole numbers as an int, with all digits, the others as a
 * float. A whole number beyond 2^53 is a float, because readers deliver such an int as a bigint.
 */
export function formatNumber(value: number | bigint | PythonFloat): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof PythonFloat) return formatFloat(value.value);
  return Number.isSafeInteger(value) ? String(value === 0 ? 0 : value) : formatFloat(value);
}
