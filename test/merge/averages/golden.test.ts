import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { StrataError } from "../../../src/errors/strata-error.js";
import type { MergeMethod } from "../../../src/merge/core/method.js";
import { methodTable } from "../../../src/merge/methods/table.js";
import { mergeArrays, type Arrays } from "./merge-arrays.js";

type Nested = number | string | Nested[];

interface GoldenCase {
  readonly id: string;
  readonly method: string;
  readonly base_model: string | null;
  readonly dtype: "float32" | "bfloat16";
  readonly tensors: Readonly<Record<string, Nested>>;
  readonly parameters: Readonly<Record<string, number | boolean>>;
  readonly tensor_parameters: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
  readonly is_embed: boolean;
  readonly abs_tol: number;
  readonly expected?: Nested;
}

const { cases } = JSON.parse(readFileSync(new URL("../../golden/merge/averages.json", import.meta.url), "utf8")) as {
  cases: readonly GoldenCase[];
};

/** Shapes are compared before a method sees a tensor. */
const elsewhere = ["linear-shape-mismatch"];
/** Refused unless the merge is compatible. */
const refused = ["model_stock-antiparallel"];

const numbers = (value: Nested): number[] => ([value].flat(8) as (number | string)[]).map(Number);

function shapeOf(value: Nested): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

/** Embeddings are cropped to the rows that all have. */
function arraysOf({ dtype, tensors, base_model: base, tensor_parameters: values, ...rest }: GoldenCase): Arrays {
  const [, ...inner] = shapeOf(Object.values(tensors)[0]);
  const rows = Math.min(...Object.values(tensors).map((tensor) => shapeOf(tensor)[0]));
  const crop = (tensor: Nested) => (rest.is_embed ? (tensor as Nested[]).slice(0, rows) : tensor);
  const present = Object.entries(values).map(
    ([label, own]) => [label, Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null))] as const,
  );
  return {
    dtype: dtype === "float32" ? "f32" : "bf16",
    shape: [rows, ...inner],
    models: Object.fromEntries(Object.entries(tensors).map(([label, tensor]) => [label, numbers(crop(tensor))])),
    base: base ?? undefined,
    values: Object.fromEntries(Object.entries(rest.parameters).map(([key, value]) => [key, Number(value)])),
    inputValues: Object.fromEntries(present) as Arrays["inputValues"],
  };
}

function methodOf(name: string): MergeMethod {
  return methodTable.find((method) => method.name === name)!;
}

const modes = [true, false].flatMap((isCompatible) =>
  cases
    .filter(({ id }) => !elsewhere.includes(id) && (isCompatible || !refused.includes(id)))
    .map((golden) => ({ ...golden, isCompatible })),
);

test.each(modes)("$id, compatible: $isCompatible", ({ isCompatible, ...golden }) => {
  const method = methodOf(golden.method);
  const arrays = { ...arraysOf(golden), isCompatible };
  if (golden.expected === undefined) {
    expect(() => mergeArrays(method, arrays)).toThrow(StrataError);
    return;
  }
  const { values } = mergeArrays(method, arrays);
  numbers(golden.expected).forEach((value, i) => {
    if (Number.isNaN(value)) expect(values[i]).toBeNaN();
    else expect(Math.abs(values[i] - value)).toBeLessThanOrEqual(golden.abs_tol * (1 + Math.abs(value)));
  });
});

test.each(cases.filter(({ id }) => refused.includes(id)))("$id is refused by default", (golden) => {
  expect(() => mergeArrays(methodOf(golden.method), arraysOf(golden))).toThrow(/model_stock/);
});
