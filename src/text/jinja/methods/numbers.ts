import { PythonFloat } from "../../python-float.js";
import { method, refusedMethod, type Methods } from "../values/functions.js";
import type { Value } from "../values/value.js";

type Int = number | bigint;

function bits(value: Int): string {
  return BigInt(value).toString(2).replace("-", "");
}

export const intMethods: Methods<Int> = {
  bit_length: method([], (self) => (self === 0 ? 0 : bits(self).length)),
  bit_count: method([], (self) => bits(self).replaceAll("0", "").length),
  conjugate: method([], (self) => self),
  to_bytes: refusedMethod("to_bytes", "numbers"),
  from_bytes: refusedMethod("from_bytes", "numbers"),
  as_integer_ratio: refusedMethod("as_integer_ratio", "numbers"),
};

export const floatMethods: Methods<PythonFloat> = {
  is_integer: method([], (self) => Number.isInteger(self.value)),
  conjugate: method([], (self) => self),
  hex: refusedMethod("hex", "numbers"),
  fromhex: refusedMethod("fromhex", "numbers"),
  as_integer_ratio: refusedMethod("as_integer_ratio", "numbers"),
};

export function intAttribute(value: Int, name: string): Value | undefined {
  if (name === "real" || name === "numerator") return value;
  if (name === "imag") return 0;
  return name === "denominator" ? 1 : undefined;
}

export function floatAttribute(value: PythonFloat, name: string): Value | undefined {
  if (name === "real") return value;
  return name === "imag" ? new PythonFloat(0) : undefined;
}
