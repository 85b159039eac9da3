import { PythonFloat } from "../../python-float.js";
import { failure, type TemplateError, unsupported } from "../template-error.js";
import { fraction } from "../format/decimal.js";
import { toInt } from "../values/types.js";

/** @throws TemplateError if the int is too large */
export function toFloat(int: number | bigint): number {
  const value = Number(int);
  if (Number.isFinite(value)) return value;
  throw failure("OverflowError", "int too large to convert to float");
}

/** Has the sign of `b`. */
export function floatModulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 || Object.is(b, -0) ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

export function floatFloorDivide(a: number, b: number): number {
  const rest = a % b;
  const quotient = (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0);
  if (quotient === 0) return (a < 0 || Object.is(a, -0)) !== b < 0 ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

export function floatPower(a: number, b: number): number {
  if (a === 0 && b < 0) throw failure("ZeroDivisionError", "0.0 cannot be raised to a negative power");
  if (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b)) throw unsupported("complex numbers");
  if (a === 1 || (a === -1 && !Number.isFinite(b) && !Number.isNaN(b))) return 1;
  const power = Number.isFinite(a) && Number.isFinite(b) && a !== 0 && b !== 0 ? exactPower(a, b) : a ** b;
  if (Number.isFinite(power) || !Number.isFinite(a) || !Number.isFinite(b)) return power;
  throw failure("OverflowError", "(34, 'Numerical result out of range')");
}

/** JavaScript's own power is not exact, so it is computed with integers. */
function exactPower(a: number, b: number): number {
  const root = b === 0.5 ? Math.sqrt(a) : 0;
  if (Number.isInteger(root) && root * root === a) return root;
  if (!Number.isInteger(b) || Math.abs(b) > 1024) throw unsupported("a power of a float with such an exponent");
  const { numerator, denominator } = fraction(a);
  const [top, bottom] = b < 0 ? [denominator, numerator] : [numerator, denominator];
  const count = BigInt(Math.abs(b));
  return (a < 0 && b % 2 !== 0 ? -1 : 1) * nearest(top ** count, bottom ** count, checkClose);
}

/** Python leaves the last digit of a power that is about halfway between two floats to the C library. */
function checkClose(bits: bigint): void {
  const extra = bits.toString(2).length - 53;
  const rest = Number(bits & ((1n << BigInt(extra)) - 1n)) / 2 ** extra;
  if (Math.abs(rest - 0.5) < 0.03) throw unsupported("a power whose last digit depends on the machine");
}

/** Python's `a / b` of ints: the nearest float. `b` is not 0. */
export function quotient(a: bigint, b: bigint): number {
  const value = a === 0n ? 0 : nearest(magnitude(a), magnitude(b));
  if (!Number.isFinite(value)) throw failure("OverflowError", "integer division result too large for a float");
  return a < 0n === b < 0n ? value : -value;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The double nearest to a fraction. @param check  gets the 64 or 65 highest bits */
function nearest(numerator: bigint, denominator: bigint, check?: (bits: bigint) => void): number {
  const shift = numerator.toString(2).length - denominator.toString(2).length - 64;
  const [top, bottom] =
    shift < 0 ? [numerator << BigInt(-shift), denominator] : [numerator, denominator << BigInt(shift)];
  const bits = top / bottom;
  check?.(bits);
  // The last of 64 bits says whether there is a rest, so that rounding to 53 bits is right.
  const rounded = Number(top % bottom === 0n ? bits : bits | 1n);
  if (shift < -1080) throw unsupported("a float below 1e-308");
  return shift > 960 ? Infinity : rounded * 2 ** shift;
}

const maxBits = 65_536;

export function multiplyInts(a: bigint, b: bigint): number | bigint {
  if (a.toString(16).length + b.toString(16).length > maxBits / 4) throw tooManyBits();
  return toInt(a * b);
}

function tooManyBits(): TemplateError {
  return unsupported(`integers of more than ${maxBits} bits`);
}

export function intPower(a: bigint, b: bigint): number | bigint | PythonFloat {
  if (b < 0n) {
    if (a === 0n) throw failure("ZeroDivisionError", "0.0 cannot be raised to a negative power");
    return new PythonFloat(floatPower(toFloat(toInt(a)), toFloat(toInt(b))));
  }
  if (a >= -1n && a <= 1n) return toInt(a === -1n && b % 2n === 0n ? 1n : b === 0n ? 1n : a);
  if (Number(b) * a.toString(2).length > maxBits) throw tooManyBits();
  return toInt(a ** b);
}
