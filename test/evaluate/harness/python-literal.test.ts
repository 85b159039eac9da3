import { expect, test } from "vitest";
import { pythonLiteral } from "../../../src/evaluate/harness/prompt/python-literal.js";
import { repr } from "../../../src/text/jinja/values/text.js";

test.each([
  [`['a', "it's", 'x\\n\\u00e9\\x41\\\\']`, `['a', "it's", 'x\\né' 'A\\\\']`.replace("' '", "")],
  ["[1, -2, 3.5, 1e-05, True, None]", "[1, -2, 3.5, 1e-05, True, None]"],
  ["{'a': [1], 'b': ('x',)}", "{'a': [1], 'b': ('x',)}"],
  [`("one" 'two')`, "'onetwo'"],
  ["[]", "[]"],
  ["[1, 2,]", "[1, 2]"],
  ["12345678901234567890", "12345678901234567890"],
])("%s", (text, printed) => {
  expect(repr(pythonLiteral(text))).toBe(printed);
});

test.each(["[a]", "[1", "1 2", "", "f(x)", "'a"])("%s is no literal", (text) => {
  expect(() => pythonLiteral(text)).toThrow(SyntaxError);
});
