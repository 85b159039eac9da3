import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromJson } from "../../../src/text/jinja/from-json.js";
import { compileTemplate } from "../../../src/text/jinja/template.js";
import { TemplateError } from "../../../src/text/jinja/template-error.js";
import { PythonFloat } from "../../../src/text/python-float.js";

type Variables = Readonly<Record<string, unknown>>;

/** What Jinja2 renders, or the name of the error that it raises; see make-golden.py. */
interface Case {
  readonly text?: string;
  readonly generated?: readonly (readonly [number, number])[];
  readonly error?: string;
}

function readGolden<Golden>(name: string): Golden {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"), (_, value) => {
    if (typeof value !== "object" || value === null) return value;
    if ("$float" in value) return new PythonFloat(value.$float as number);
    return "$int" in value ? BigInt(value.$int as string) : value;
  }) as Golden;
}

interface Result extends Case {
  readonly failure?: string;
  readonly exception?: string;
}

function render(template: string, variables: Variables): Result {
  try {
    const values = new Map(Object.entries(variables).map(([key, value]) => [key, fromJson(value)]));
    const { text, generated } = compileTemplate(template).render(values);
    return { text, ...(generated.length > 0 ? { generated } : {}) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { error: error.message, failure: error.failure, exception: error.exception };
  }
}

/** Errors that Strata reports by another name; the last is a flaw of Jinja2, which writes `inf` into its code. */
const names: Readonly<Record<string, string>> = {
  TemplateAssertionError: "TemplateSyntaxError",
  SyntaxError: "TemplateSyntaxError",
  NameError: "OverflowError",
};

function expectSame(shown: string, result: Result, { text, generated, error }: Case): void {
  if (error === undefined) expect([shown, result]).toEqual([shown, { text, ...(generated ? { generated } : {}) }]);
  else
    expect([shown, result.text, result.exception, result.failure === "unsupported"]).toEqual([
      shown,
      undefined,
      names[error] ?? error,
      false,
    ]);
}

const templates = readGolden<{ context: Variables; refused: string[]; cases: (Case & { template: string })[] }>(
  "templates.json",
);

test("small templates render as in Jinja2, or fail as there", () => {
  expect(templates.cases.length).toBeGreaterThan(1500);
  for (const { template, ...expected } of templates.cases)
    expectSame(template, render(template, templates.context), expected);
});

test("what is not supported is refused by its name", () => {
  const refusals = templates.refused.map((template) => {
    const { failure, error } = render(template, templates.context);
    return `${template} → ${failure}: ${error}`;
  });
  expect(refusals).toMatchInlineSnapshot(`
    [
      "{{ text.upper }} → unsupported: printing a builtin_function_or_method object",
      "{{ nested.items }} → unsupported: printing a builtin_function_or_method object",
      "{{ range }} → unsupported: printing a function object",
      "{{ numbers|map('string') }} → unsupported: printing a generator object",
      "{{ numbers|random }} → unsupported: the filter "random"",
      "{{ 'a'|urlize }} → unsupported: the filter "urlize"",
      "{{ (-8) ** (1/3) }} → unsupported: complex numbers",
      "{{ 2 ** 0.5 }} → unsupported: a power of a float with such an exponent",
      "{{ 9 ** 99999 }} → unsupported: integers of more than 65536 bits",
      "{{ 'a' * 10 ** 9 }} → unsupported: a text or list of more than 16,777,216 items",
      "{{ 'é'.casefold() }} → unsupported: the method casefold of text that is not ASCII",
      "{{ 'a'.encode() }} → unsupported: the method encode of text",
      "{{ 'a'.translate({}) }} → unsupported: the method translate of text",
      "{{ ('a'|e).upper() }} → unsupported: the method upper of escaped text",
      "{{ ('a'|e)|upper }} → unsupported: the filter "upper" of escaped text",
      "{{ lipsum() }} → unsupported: the function lipsum",
      "{{ self }} → unsupported: the variable "self"",
      "{{ '\\N{BULLET}' }} → unsupported: a character by its Unicode name (\\N{…})",
      "{{ ['a' * 60, 'b' * 60]|pprint }} → unsupported: the filter "pprint" of more than one line",
      "{{ '&copy;'|striptags }} → unsupported: the filter "striptags" of text with &copy;",
      "{{ (5).to_bytes(2, 'big') }} → unsupported: the method to_bytes of numbers",
      "{% include 'x' %} → unsupported: the tag "include"",
      "{% extends 'x' %} → unsupported: the tag "extends"",
      "{% import 'x' as y %} → unsupported: the tag "import"",
      "{% from 'x' import y %} → unsupported: the tag "from"",
      "{% autoescape true %}{% endautoescape %} → unsupported: the tag "autoescape"",
      "{% block a required %}{% endblock %} → unsupported: required blocks",
      "{% block a %}{{ super() }}{% endblock %} → unsupported: the variable "super" in a block",
    ]
  `);
});

const chats = readGolden<{
  models: Record<string, { template: string; variables: Variables }>;
  conversations: object[][];
  tools: object[];
  cases: (Case & { model: string; conversation: number; tools: boolean; prompt: boolean })[];
}>("conversations.json");

describe.each(Object.entries(chats.models))("a template in the style of %s", (name, { template: file, variables }) => {
  const template = readFileSync(new URL(`models/${file}`, import.meta.url), "utf8");
  test("renders conversations as in Jinja2, or fails as there", () => {
    const cases = chats.cases.filter(({ model }) => model === name);
    expect(cases.length).toBe(chats.conversations.length * 4);
    for (const { conversation, tools, prompt, model: _, ...expected } of cases) {
      const result = render(template, {
        ...variables,
        messages: chats.conversations[conversation],
        tools: tools ? chats.tools : null,
        documents: null,
        add_generation_prompt: prompt,
      });
      expectSame(`conversation ${conversation}${tools ? " with tools" : ""}`, result, expected);
    }
  });
});

test("an error names the line of the template", () => {
  const lineOf = (template: string): unknown => {
    try {
      return compileTemplate(template).render(new Map());
    } catch (error) {
      return [(error as TemplateError).line, (error as TemplateError).message];
    }
  };
  expect(lineOf("a\n{% if true %}\n{{ 1 / 0 }}\n{% endif %}")).toEqual([3, "division by zero"]);
  expect(lineOf("a\r\n\r\n{{ 1 + }}")).toEqual([3, "unexpected 'end of print statement'"]);
  expect(lineOf("\n{% include 'x' %}")).toEqual([2, 'the tag "include"']);
  expect(lineOf("\n\n{{ x | nope }}")).toEqual([3, "No filter named 'nope'."]);
  expect(lineOf("\n{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}")).toEqual([
    2,
    "maximum recursion depth exceeded",
  ]);
});

test("no template takes long, or all memory", () => {
  const refused = (template: string): unknown => render(template, {}).failure;
  expect(refused("{% for i in range(10 ** 12) %}{% endfor %}")).toBe("failed");
  expect(
    refused("{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}"),
  ).toBe("unsupported");
  expect(
    refused("{% set ns = namespace(x='a') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}"),
  ).toBe("unsupported");
  expect(refused("{% set ns = namespace(x=3) %}{% for i in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}")).toBe(
    "unsupported",
  );
  expect(refused("{{ '%.999999999f' % 0.1 }}")).toBe("unsupported");
  expect(refused("{{ 'a'.center(10 ** 12) }}")).toBe("unsupported");
  expect(refused(`{{ ${"(".repeat(20_000)}1${")".repeat(20_000)} }}`)).toBe("unsupported");
  expect(refused("{{ (' ' * 2 ** 22 ~ 'x' ~ ' ' * 2 ** 22 ~ 'y').rsplit(none, 1) | length }}")).toBeUndefined();
});

test("members of JavaScript's objects are undefined attributes", () => {
  for (const name of ["constructor", "toString", "valueOf", "hasOwnProperty"])
    for (const value of [
      "1",
      "1.5",
      "true",
      "none",
      "'a'",
      "[1]",
      "(1, 2)",
      "{}",
      "range(2)",
      "namespace()",
      "cycler(1)",
    ])
      expect(render(`[{{ (${value}).${name} }}]`, {})).toEqual({ text: "[]" });
});

test("values that JSON does not have are refused", () => {
  expect(() => fromJson({ at: new Date(0) })).toThrow("a value of the type Date");
  expect(() => fromJson(Symbol("s"))).toThrow("a value of the type symbol");
});
