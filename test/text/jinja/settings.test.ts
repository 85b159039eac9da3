import { describe, expect, test } from "vitest";
import { fromJson } from "../../../src/text/jinja/from-json.js";
import { chatSettings, type TemplateSettings } from "../../../src/text/jinja/settings.js";
import { compileTemplate } from "../../../src/text/jinja/template.js";

const plain: TemplateSettings = { trimsBlocks: false, keepsTrailingNewline: true, isStrict: true, filters: {} };
const variables = new Map([["a", fromJson({ b: [1, 2] })]]);
const render = (source: string, settings: TemplateSettings) => compileTemplate(source, settings).render(variables).text;

describe("blocks and line breaks", () => {
  // As jinja2.Environment() with and without trim_blocks, lstrip_blocks and keep_trailing_newline.
  const source = "x\n  {% if true %}\n y\n  {# c #}\n  {% endif %}\n";
  test("are removed as transformers does", () => expect(render(source, chatSettings)).toBe("x\n y\n"));
  test("stay with the settings of Jinja", () => expect(render(source, plain)).toBe("x\n  \n y\n  \n  \n"));
  test("raw blocks stay, too", () => expect(render("{% raw %}\n{{x}}{% endraw %}\n", plain)).toBe("\n{{x}}\n"));
});

describe("a strict template", () => {
  test.each(["{{ c }}", "{{ a.c }}", "{{ 'x' ~ c }}", "{% if c %}x{% endif %}", "{{ 1 if c else 2 }}", "{{ not c }}"])(
    "%s fails",
    (source) => {
      expect(() => render(source, plain)).toThrow(/undefined|no attribute/);
      expect(() => render(source, chatSettings)).not.toThrow();
    },
  );
  test.each([
    ["{{ c is defined }}", "False"],
    ["{{ c | default('x') }}", "x"],
    ["{{ a.b }}", "[1, 2]"],
    ["{{ 1 if c is defined else 2 }}", "2"],
  ])("%s prints %s", (source, text) => expect(render(source, plain)).toBe(text));
});

test("more filters", () => {
  const double = (value: unknown) => `${String(value)}${String(value)}`;
  expect(render("{{ 'ab' | double }}", { ...plain, filters: { double } })).toBe("abab");
  expect(() => render("{{ 'ab' | double }}", plain)).toThrow(/No filter named 'double'/);
});
