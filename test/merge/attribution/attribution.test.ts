import { expect, test } from "vitest";
import { attributionOf, type Attribution } from "../../../src/merge/attribution/attribution.js";
import { meterAttribution } from "../../../src/merge/attribution/attribution-meter.js";
import { openMergeKernels } from "../../../src/merge/core/kernels/open-kernels.js";
import { MersenneTwister } from "../../../src/merge/core/mersenne-twister.js";
import { chunkElements, type MergeInput, type TensorToMerge } from "../../../src/merge/core/method.js";
import { methodTable } from "../../../src/merge/methods/table.js";

const { kernels } = openMergeKernels(2);

interface Case {
  readonly method: string;
  readonly values?: Readonly<Record<string, number>>;
  readonly base?: ArrayLike<number>;
  /** Whether the base is an input too, with these values. */
  readonly baseValues?: Readonly<Record<string, number>>;
  readonly models: readonly ArrayLike<number>[];
  readonly modelValues?: readonly Readonly<Record<string, number>>[];
}

interface Measured {
  readonly attribution: Attribution;
  /** Elements that were read of all inputs. */
  readonly read: number;
}

/** Merges one tensor, `layers.0.w`, and measures it. */
function measure({ method: name, values = {}, base, baseValues, models, modelValues = [] }: Case): Measured {
  const method = methodTable.find((found) => found.name === name)!;
  let read = 0;
  const inputOf = (label: string, elements: ArrayLike<number>, own: Readonly<Record<string, number>>): MergeInput => ({
    label,
    values: own,
    read(from, count) {
      read += count;
      return Float32Array.from(Array.prototype.slice.call(elements, from, from + count) as number[]);
    },
  });
  const baseInput = base === undefined ? null : inputOf("base", base, baseValues ?? {});
  const others = models.map((elements, i) => inputOf(`model ${i + 1}`, elements, modelValues[i] ?? {}));
  const tensor: TensorToMerge = {
    where: "test layers.0.w",
    shape: [models[0].length],
    length: models[0].length,
    dtype: "f32",
    inputs: baseInput !== null && baseValues !== undefined ? [baseInput, ...others] : others,
    base: baseInput,
    values,
    kernels,
    random: new MersenneTwister(1),
    isCompatible: false,
    note: () => {},
  };
  const meter = meterAttribution("layers.0.w", name, tensor);
  for (const chunk of method.merge(meter.tensor)) meter.add(chunk);
  return { attribution: attributionOf([meter.finish()]), read };
}

function pseudoRandom(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

const base = pseudoRandom(60, 1);
/** The base with another change in its own third of the elements, so that changes are orthogonal. */
const parts = [0, 1, 2].map((part) =>
  base.map((value, i) => (Math.floor(i / 20) === part ? value + pseudoRandom(60, part + 5)[i] : value)),
);
const weights = [0.5, 0.3, 0.2];

function shares({ attribution }: Measured): (number | null)[] {
  return attribution.layers[0].models.map(({ share }) => share);
}

test("with orthogonal changes, shares are the weights", () => {
  const values = { normalize: 0, lambda: 1 };
  const modelValues = weights.map((weight) => ({ weight }));
  const found = measure({ method: "task_arithmetic", values, base, models: parts, modelValues });
  expect(found.attribution.reference).toBe("base");
  shares(found).forEach((share, i) => expect(share).toBeCloseTo(weights[i], 5));
  for (const { cosine } of found.attribution.layers[0].cosines) expect(cosine).toBeCloseTo(0, 12);
});

test("linear with a base among its models: shares are the weights", () => {
  const modelValues = weights.map((weight) => ({ weight }));
  const found = measure({
    method: "linear",
    values: { normalize: 1 },
    base,
    baseValues: { weight: 1 },
    models: parts,
    modelValues,
  });
  shares(found).forEach((share, i) => expect(share).toBeCloseTo(weights[i] / 2, 5));
});

test("a merge that places every change whole gives 1", () => {
  const found = measure({ method: "ram", values: { epsilon: 0 }, base, models: parts });
  shares(found).forEach((share) => expect(share).toBeCloseTo(1, 6));
  const { change, models } = found.attribution.total;
  expect(change).toBeCloseTo(Math.hypot(...models.map((model) => model.change)), 6);
});

test("without a base, linear gives the weights, whatever the models are", () => {
  const models = [11, 12, 13].map((seed) => pseudoRandom(60, seed));
  const modelValues = weights.map((weight) => ({ weight: 3 * weight }));
  const found = measure({ method: "linear", values: { normalize: 1 }, models, modelValues });
  expect(found.attribution.reference).toBe("mean");
  shares(found).forEach((share, i) => expect(share).toBeCloseTo(weights[i], 5));
});

test("without a base, equal models share their weight equally", () => {
  const [x, y] = [11, 12].map((seed) => pseudoRandom(60, seed));
  const modelValues = weights.map((weight) => ({ weight }));
  const found = measure({ method: "linear", values: { normalize: 1 }, models: [x, x, y], modelValues });
  [0.4, 0.4, 0.2].forEach((weight, i) => expect(shares(found)[i]).toBeCloseTo(weight, 5));
});

test("a frozen layer changes by 0 and has no shares", () => {
  const modelValues = weights.map((weight) => ({ weight }));
  for (const given of [{ base }, {}]) {
    const method = "base" in given ? "task_arithmetic" : "linear";
    const values = { normalize: 1, lambda: 1 };
    const found = measure({ method, values, ...given, models: [base, base, base], modelValues });
    expect(found.attribution.total).toMatchObject({ change: 0 });
    expect(found.attribution.total.models.map(({ change }) => change)).toEqual([0, 0, 0]);
    expect(shares(found)).toEqual([null, null, null]);
  }
});

test("numbers computed by hand", () => {
  // Changes (2, 0) and (1, 1); the result's (1.5, 0.5): shares 3/4 and 2/2, cosine 2 / (2 · √2).
  const found = measure({
    method: "task_arithmetic",
    values: { normalize: 0, lambda: 1 },
    base: [1, 1],
    models: [
      [3, 1],
      [2, 2],
    ],
    modelValues: [{ weight: 0.5 }, { weight: 0.5 }],
  });
  const { change, models, cosines } = found.attribution.layers[0];
  expect(change).toBeCloseTo(Math.sqrt(2.5), 6);
  expect(models.map((model) => model.share)).toEqual([0.75, 1]);
  expect(models[1].change).toBeCloseTo(Math.SQRT2, 12);
  expect(cosines[0].cosine).toBeCloseTo(Math.SQRT1_2, 12);
});

test("SLERP of almost parallel models is marked as linear", () => {
  const near = base.map((value, i) => value + (i === 0 ? 1e-3 : 0));
  const of = (other: ArrayLike<number>) =>
    measure({ method: "slerp", values: { t: 0.25 }, base, baseValues: {}, models: [other] });
  expect(of(near).attribution.total.linearTensors).toBe(1);
  expect(shares(of(near))[0]).toBeCloseTo(0.25, 3);
  expect(of(pseudoRandom(60, 99)).attribution.total.linearTensors).toBe(0);
});

test("NaN is left out and counted", () => {
  const broken = parts[0].map((value, i) => (i === 3 ? NaN : value));
  const modelValues = [{ weight: 1 }];
  const values = { normalize: 0, lambda: 1 };
  const found = measure({ method: "task_arithmetic", values, base, models: [broken], modelValues });
  expect(found.attribution.total).toMatchObject({ notFiniteTensors: 1, change: 0 });
});

test("linear reads its inputs once, also beyond a chunk", () => {
  const length = chunkElements + 5;
  const models = [pseudoRandom(length, 1), pseudoRandom(length, 2)];
  const found = measure({
    method: "linear",
    values: { normalize: 1 },
    models,
    modelValues: [{ weight: 0.75 }, { weight: 0.25 }],
  });
  expect(found.read).toBe(2 * length);
  expect(shares(found)[0]).toBeCloseTo(0.75, 5);
});

test("large tensors are measured by a sample, and a change outside of it is found", () => {
  const length = chunkElements + 4096;
  const start = pseudoRandom(length, 3);
  const of = (model: Float32Array) =>
    measure({
      method: "task_arithmetic",
      values: { normalize: 0, lambda: 1 },
      base: start,
      models: [model],
      modelValues: [{ weight: 0.5 }],
    }).attribution.total;
  const all = of(start.map((value, i) => value + (i % 2 === 0 ? 0.25 : 0.5)));
  expect(all.models[0].share).toBeCloseTo(0.5, 5);
  expect(all.models[0].change).toBeCloseTo(Math.sqrt((length * (0.0625 + 0.25)) / 2), 2);
  for (const place of [5000, length - 1]) {
    const { models } = of(start.map((value, i) => (i === place ? value + 0.5 : value)));
    expect(models[0].share).toBeCloseTo(0.5, 5);
    expect(models[0].change).toBeGreaterThan(0.4);
  }
});

test("layers are sums of their tensors", () => {
  const products = (own: number, result: number, square: number) => [own, result, result, square];
  const record = (tensor: string, values: readonly number[]) => ({
    tensor,
    reference: "base" as const,
    models: ["m"],
    products: values,
    cosine: null,
  });
  const { layers, total, tensors } = attributionOf([
    record("model.layers.0.a", products(4, 2, 1)),
    record("model.layers.0.b", products(12, 10, 8)),
    record("model.layers.1.a", products(0, 0, 0)),
  ]);
  expect(tensors.map(({ name }) => name)).toEqual(["model.layers.0.a", "model.layers.0.b", "model.layers.1.a"]);
  expect(layers.map(({ label, change, models }) => [label, change, models[0].share])).toEqual([
    ["layer 0", 3, 0.75],
    ["layer 1", 0, null],
  ]);
  expect(total.models[0]).toEqual({ model: "m", change: 4, share: 0.75 });
});
