import { expect, it } from "vitest";
import { dumpIndentedJson, dumpJson } from "../../../../src/evaluate/harness/output/python-json.js";
import { Dict, Tuple, Undefined, type Value } from "../../../../src/text/jinja/values/value.js";
import { toInt } from "../../../../src/text/jinja/values/types.js";
import { PythonFloat } from "../../../../src/text/python-float.js";
import { goldenFile } from "./golden-file.js";

type Tagged =
  | ["dict", [Tagged, Tagged][]]
  | ["list" | "tuple", Tagged[]]
  | ["plain", string | boolean | null]
  | ["int" | "float", string];

function toValue([type, content]: Tagged): Value {
  if (type === "dict") return new Dict(content.map(([key, item]) => [toValue(key), toValue(item)]));
  if (type === "list") return content.map(toValue);
  if (type === "tuple") return new Tuple(content.map(toValue));
  if (type === "int") return toInt(BigInt(content));
  if (type === "float") return new PythonFloat(Number(content.replace("inf", "Infinity")));
  return content;
}

it("writes what CPython writes", () => {
  const { cases } = goldenFile<{ cases: { value: Tagged; line: string; indented: string }[] }>("python-json.json");
  for (const { value, line, indented } of cases) {
    expect(dumpJson(toValue(value))).toBe(line);
    expect(dumpIndentedJson(toValue(value))).toBe(indented);
  }
});

it("writes what JSON does not have as its text", () => {
  expect(dumpJson(new Dict([["missing", [new Undefined("x")]]]))).toBe('{"missing": [""]}');
});
