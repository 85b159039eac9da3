import { PythonFloat } from "../../python-float.js";
import { unsupported } from "../template-error.js";
import { method, type Methods } from "../values/functions.js";
import type { Value } from "../values/value.js";

type Int = number | bigint;

function bits(value: Int): string {
  return BigInt(value).toString(2).replace("-", "");
}

function refused<Self>(name: string): Methods<Self>[string] {
  return {
    parameters: [],
    anything: true,
    run: () => {
      throw unsupported(`the method ${name} of numbers`);
    },
  };
}

export const intMethods: Methods<Int> = {
  bit_length: method([], (self) => (self === 0 ? 0 : bits(self).length)),
  bit_count: method([], (self) => bits(self).replaceAll("0", "").length),
  conjugate: method([], (self) => self),
  to_bytes: refused("to_bytes"),
  from_bytes: refused("from_bytes"),
  as_integer_ratio: refused("as_integer_ratio"),
};

export const floatMethods: Methods<PythonFloat> = {
  is_integer: method([], (self) => Number.isInteger(self.value)),
  conjugate: method([], (self) => self),
  hex: refused("hex"),
  fromhex: refused("fromhex"),
  as_integer_ratio: refused("as_integer_ratio"),
};

export function intAttribute(value: Int, name: string): Value | undefined {
  return { real: value, numerator: value, imag: 0, denominator: 1 }[name];
}

export function floatAttribute(value: PythonFloat, name: string): Value | undefined {
  return { real: value, imag: new PythonFloat(0) }[name];
}
