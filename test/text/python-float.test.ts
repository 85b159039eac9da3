import { expect, test } from "vitest";
import { formatFloat, formatNumber, PythonFloat } from "../../src/text/python-float.js";

test("floats are written as Python's repr writes them", () => {
  const cases: readonly (readonly [number, string])[] = [
    [18, "18.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [-2.5, "-2.5"],
    [0.1, "0.1"],
    [1e-4, "0.0001"],
    [1e-5, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e+16"],
    [123456789012345680, "1.2345678901234568e+17"],
    [1e100, "1e+100"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [NaN, "nan"],
  ];
  for (const [value, text] of cases) expect(formatFloat(value)).toBe(text);
});

test("a number of a record is an int if it is whole, unless its reader says that it is a float", () => {
  expect([18, -0, 1.5, 2 ** 53 - 1, 1e300].map(formatNumber)).toEqual(["18", "0", "1.5", "9007199254740991", "1e+300"]);
  expect(formatNumber(12345678901234567890n)).toBe("12345678901234567890");
  expect(formatNumber(new PythonFloat(18))).toBe("18.0");
  expect(String(new PythonFloat(1e16))).toBe("1e+16");
  expect(JSON.stringify([new PythonFloat(18)])).toBe("[18]");
});
