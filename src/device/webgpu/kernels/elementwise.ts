import type { Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import { elementProgram, elementWorkgroup, runElements, type ElementProgram } from "../element-program.js";
import { gpuBuffer, gpuBufferOrNull, type GpuBuffer } from "../gpu-buffer.js";
import type { BindingShape, ScalarType } from "../shader.js";

type ElementKernels = Pick<Kernels, "fill" | "copy" | "addBias" | "swiglu" | "swigluBackward" | "blend">;

const fill = elementProgram(
  { name: "fill", element: () => "to_buffer = numbers.value;" },
  { buffer: "write" },
  { value: "f32" },
);

/** An f64 is the sum of two f32. */
const fillDouble = doubleProgram(
  "fillDouble",
  { buffer: "write" },
  { high: "f32", low: "f32" },
  (i) => `store_double_buffer(${i}, vec2<f32>(numbers.high, numbers.low));`,
);
const copyDouble = doubleProgram(
  "copyDouble",
  { x: "read", out: "write" },
  {},
  (i) => `store_double_out(${i}, pair_x(${i}));`,
);

function doubleProgram<Name extends string, Scalar extends string = never>(
  name: string,
  buffers: Readonly<Record<Name, "read" | "write">>,
  scalars: Readonly<Record<Scalar, ScalarType>>,
  statement: (i: string) => string,
): ElementProgram<Name, Scalar> {
  const body = `let i = block * ${elementWorkgroup}u + lane; if (i < numbers.length) { ${statement("i")} }`;
  const all = { length: "u32", start: "u32", ...scalars } as ElementProgram<Name, Scalar>["scalars"];
  return { name, buffers, scalars: all, workgroup: elementWorkgroup, source: () => ({ body }) };
}

/** Of bits, so that no value changes that the dtype of `out` has. */
const copy = elementProgram(
  { name: "copy", raw: true, element: (_, bindings) => `to_out = ${converted("bits_x(i)", bindings)};` },
  { x: "read", out: "write" },
  {},
);

function converted(bits: string, bindings: readonly BindingShape[]): string {
  const [from, to] = ["x", "out"].map((name) => bindings.find((one) => one.name === name)?.dtype);
  if (from === to) return bits;
  if (from === "bf16" && to === "f32") return `${bits} << 16u`;
  const value = from === "f32" ? `bitcast<f32>(${bits})` : `${from}_value(${bits})`;
  return to === "f32" ? `bitcast<u32>(${value})` : `${to}_bits(${value})`;
}

const addBias = elementProgram(
  { name: "addBias", element: () => "to_out = load_x(i) + load_bias((numbers.start + i) % numbers.O);" },
  { x: "read", bias: "read", out: "write" },
  { O: "u32" },
);

/** exp of what is not positive, so that it cannot overflow. */
const sigmoid = `
let small = exp(-abs(g));
let sigma = select(small, 1.0, g >= 0.0) / (1.0 + small);`;

const swiglu = elementProgram(
  { name: "swiglu", element: () => `let g = load_gate(i); ${sigmoid} to_out = g * sigma * load_up(i);` },
  { gate: "read", up: "read", out: "write" },
  {},
);

// forward: out = silu(g) · u. So dU = dOut · g · σ, and dG = dOut · u · σ · (1 + g · (1 − σ)).
const swigluBackward = elementProgram(
  {
    name: "swigluBackward",
    element: (has) => `
let g = load_gate(i);
let u = load_up(i);
let d = load_dOut(i);
${sigmoid}
to_dGate = d * u * sigma * (1.0 + g * (1.0 - sigma));
to_dUp = d * g * sigma;
${has("gated") ? "to_gated = g * sigma * u;" : ""}`,
  },
  { gate: "read", up: "read", dOut: "read", dGate: "write", dUp: "write", gated: "write" },
  {},
);

const blend = elementProgram(
  { name: "blend", element: () => "to_out = numbers.keep * load_out(i) + numbers.add * load_x(i);" },
  { x: "read", out: "write" },
  { keep: "f32", add: "f32" },
);

export function copyElements(gpu: Dispatcher, out: GpuBuffer, x: GpuBuffer): void {
  out.gpu.values = null;
  runElements(gpu, x.dtype === "f64" ? copyDouble : copy, { x, out }, x.length, {});
}

export function elementwise(gpu: Dispatcher): ElementKernels {
  return {
    fill({ buffer, value }) {
      const one = gpuBuffer(buffer);
      if (one.dtype === "f32") return runElements(gpu, fill, { buffer: one }, one.length, { value });
      const high = Math.fround(value);
      runElements(gpu, fillDouble, { buffer: one }, one.length, { high, low: value - high });
    },
    copy({ out, x }) {
      copyElements(gpu, gpuBuffer(out), gpuBuffer(x));
    },
    addBias({ out, x, bias, N, O }) {
      const buffers = { x: gpuBuffer(x), bias: gpuBuffer(bias), out: gpuBuffer(out) };
      runElements(gpu, addBias, buffers, N * O, { O }, ["bias"]);
    },
    swiglu({ out, gate, up, length }) {
      runElements(gpu, swiglu, { gate: gpuBuffer(gate), up: gpuBuffer(up), out: gpuBuffer(out) }, length, {});
    },
    swigluBackward({ dGate, dUp, gated, dOut, gate, up, length }) {
      const inputs = { gate: gpuBuffer(gate), up: gpuBuffer(up), dOut: gpuBuffer(dOut) };
      const outputs = { dGate: gpuBuffer(dGate), dUp: gpuBuffer(dUp), gated: gpuBufferOrNull(gated) };
      runElements(gpu, swigluBackward, { ...inputs, ...outputs }, length, {});
    },
    blend({ out, x, keep, add }) {
      runElements(gpu, blend, { x: gpuBuffer(x), out: gpuBuffer(out) }, out.length, { keep, add });
    },
  };
}
