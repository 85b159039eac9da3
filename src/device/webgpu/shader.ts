/**
 * Writes the declarations of a shader: storage bindings with accessors by name, whatever dtype a buffer has, and the
 * numbers that each call passes.
 *
 * For a binding `x` a shader calls, with indices relative to the slice that was passed:
 * - `load_x(i)` → f32; `operand_x(i)` → f32 rounded to the compute dtype; `bits_x(i)` → the element's bits;
 * - `load4_x(i)`, `operand4_x(i)` → elements i … i + 3; one access if the binding is `wide`, then i is a multiple of 4;
 * - `store_x(i, value)`, and `store2_x(i, pair)` for two elements, where i is even, if the binding is `paired`.
 */
import type { DType } from "../../tensor/dtype.js";
import type { ComputeDType } from "../kernels.js";
import { conversions } from "./conversions.js";

/** How a shader uses a buffer. */
export interface BindingShape {
  readonly name: string;
  readonly dtype: DType;
  readonly isWritten: boolean;
  /** Position of the storage that it accesses: names whose buffers share an allocation share it. */
  readonly storage: number;
  /** Elements can be accessed as aligned groups of four. */
  readonly wide: boolean;
  /** A written bf16 or f16 buffer of which all stores are pairs in one aligned word. */
  readonly paired: boolean;
}

export interface ShaderShape {
  readonly bindings: readonly BindingShape[];
  readonly scalars: Readonly<Record<string, ScalarType>>;
  readonly computeDType: ComputeDType;
  readonly workgroup: number;
  /** Whether drivers may unroll long loops: software adapters take minutes to compile them. */
  readonly unrolls: boolean;
}

export interface ShaderText {
  /** Of the language; with `f16` there are also `half_x(i)` and `half4_x(i)`, as `load_x` and `load4_x` in f16. */
  readonly extensions?: readonly string[];
  readonly directives?: string;
  /** Declarations of the module, such as arrays of the workgroup. */
  readonly declarations?: string;
  /** Further attributes and built-in values of `main`. */
  readonly attribute?: string;
  readonly inputs?: string;
  /** Statements of `main`. */
  readonly body: string;
}

export type ScalarType = "u32" | "f32";

export const isNarrow = (dtype: DType): boolean => dtype === "bf16" || dtype === "f16";

/** The source of a shader whose `main` has `lane` in its workgroup and `block`, the number of the workgroup. */
export function shaderSource(shape: ShaderShape, text: ShaderText): string {
  const { extensions = [], directives = "", declarations = "", attribute = "", inputs = "", body } = text;
  const { bindings, scalars, workgroup, computeDType } = shape;
  const storages = Math.max(...bindings.map(({ storage }) => storage)) + 1;
  const halves = extensions.includes("f16");
  return `${extensions.map((name) => `enable ${name};\n`).join("")}${directives}
${Array.from({ length: storages }, (_, storage) => storageDeclaration(storage, bindings)).join("\n")}
struct Numbers {
  zero: u32,
${bindings.map(({ name }) => `  at_${name}: u32,`).join("\n")}
${Object.entries(scalars)
  .map(([name, type]) => `  ${name}: ${type},`)
  .join("\n")}
}
@group(1) @binding(0) var<uniform> numbers: Numbers;
// A number of iterations.
fn bound(count: u32) -> u32 { return count${shape.unrolls ? "" : " + numbers.zero"}; }
${conversions}
${bindings.map((one) => accessors(one, bindings, computeDType, halves)).join("\n")}
${declarations}
@compute @workgroup_size(${workgroup}) ${attribute}
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
  ${inputs}
) {
  let block = group.x + group.y * groups.x;
${body}
}
`;
}

/** The access of a storage: that of all names which share it. */
export function storageAccess(storage: number, bindings: readonly BindingShape[]): "read" | "read_write" {
  return bindings.some((one) => one.storage === storage && one.isWritten) ? "read_write" : "read";
}

type StorageForm = "vec4" | "vec2" | "atomic" | "word" | "f32" | "i32" | "pair";

function storageForm(storage: number, bindings: readonly BindingShape[]): StorageForm {
  const sharing = bindings.filter((one) => one.storage === storage);
  const [{ dtype }] = sharing;
  if (dtype === "f64") return "pair";
  if (dtype === "i32") return "i32";
  const wide = sharing.every((one) => one.wide);
  if (!isNarrow(dtype)) return wide ? "vec4" : "f32";
  if (sharing.some((one) => one.isWritten && !one.paired)) return "atomic";
  return wide && !sharing.some((one) => one.isWritten) ? "vec2" : "word";
}

const elementOf: Readonly<Record<StorageForm, string>> = {
  vec4: "vec4<f32>",
  vec2: "vec2<u32>",
  atomic: "atomic<u32>",
  word: "u32",
  f32: "f32",
  i32: "i32",
  pair: "vec2<f32>",
};

function storageDeclaration(storage: number, bindings: readonly BindingShape[]): string {
  const [access, element] = [storageAccess(storage, bindings), elementOf[storageForm(storage, bindings)]];
  return `@group(0) @binding(${storage}) var<storage, ${access}> storage${storage}: array<${element}>;`;
}

function accessors(
  one: BindingShape,
  bindings: readonly BindingShape[],
  computeDType: ComputeDType,
  halves: boolean,
): string {
  const { name, dtype, storage, isWritten } = one;
  const form = storageForm(storage, bindings);
  const place = `let e = numbers.at_${name} + i;`;
  const functions = [
    `fn bits_${name}(i: u32) -> u32 { ${place} return ${bitsExpression(form, storage)}; }`,
    dtype === "i32"
      ? `fn integer_${name}(i: u32) -> i32 { return bitcast<i32>(bits_${name}(i)); }`
      : `fn load_${name}(i: u32) -> f32 { ${place} return ${loadExpression(name, dtype, form, storage)}; }`,
  ];
  if (dtype === "f64") functions.push(`fn pair_${name}(i: u32) -> vec2<f32> { ${place} return storage${storage}[e]; }`);
  if (dtype !== "f64" && dtype !== "i32") functions.push(...vectorAccessors(one, form, computeDType));
  if (halves) functions.push(...halfAccessors(one, form));
  if (isWritten) functions.push(...stores(one, form));
  return functions.join("\n");
}

/** The bits of element `e`: 16 of a narrow dtype, else 32; of an f64, those of its leading part. */
function bitsExpression(form: StorageForm, storage: number): string {
  const half = "(16u * (e & 1u))) & 0xffffu";
  if (form === "vec4") return `bitcast<u32>(storage${storage}[e >> 2u][e & 3u])`;
  if (form === "vec2") return `(storage${storage}[e >> 2u][(e >> 1u) & 1u] >> ${half}`;
  if (form === "atomic") return `(atomicLoad(&storage${storage}[e >> 1u]) >> ${half}`;
  if (form === "word") return `(storage${storage}[e >> 1u] >> ${half}`;
  return `bitcast<u32>(storage${storage}[e]${form === "pair" ? ".x" : ""})`;
}

function loadExpression(name: string, dtype: DType, form: StorageForm, storage: number): string {
  if (isNarrow(dtype)) return `${dtype}_value(bits_${name}(i))`;
  if (form === "pair") return `storage${storage}[e].x + storage${storage}[e].y`;
  return form === "vec4" ? `storage${storage}[e >> 2u][e & 3u]` : `storage${storage}[e]`;
}

function vectorAccessors({ name, dtype, storage }: BindingShape, form: StorageForm, computeDType: ComputeDType) {
  const rounds = computeDType !== "f32" && dtype !== computeDType;
  const single = rounds ? `round_${computeDType}(load_${name}(i))` : `load_${name}(i)`;
  const each = (of: (at: string) => string) => ["x", "y", "z", "w"].map(of).join(", ");
  return [
    `fn load4_${name}(i: u32) -> vec4<f32> {
  let e = numbers.at_${name} + i;
  return ${load4(name, dtype, form, storage)};
}`,
    `fn operand_${name}(i: u32) -> f32 { return ${single}; }`,
    rounds
      ? `fn operand4_${name}(i: u32) -> vec4<f32> {
  let v = load4_${name}(i);
  return vec4<f32>(${each((at) => `round_${computeDType}(v.${at})`)});
}`
      : `fn operand4_${name}(i: u32) -> vec4<f32> { return load4_${name}(i); }`,
  ];
}

function halfAccessors({ name, dtype, storage }: BindingShape, form: StorageForm): string[] {
  const word = `storage${storage}[e >> 2u]`;
  const four = form === "vec2" && dtype === "f16" ? `bitcast<vec4<f16>>(${word})` : `vec4<f16>(load4_${name}(i))`;
  return [
    `fn half_${name}(i: u32) -> f16 { return f16(load_${name}(i)); }`,
    `fn half4_${name}(i: u32) -> vec4<f16> { let e = numbers.at_${name} + i; return ${four}; }`,
  ];
}

function load4(name: string, dtype: DType, form: StorageForm, storage: number): string {
  if (form === "vec4") return `storage${storage}[e >> 2u]`;
  if (form !== "vec2") return `vec4<f32>(${[0, 1, 2, 3].map((at) => `load_${name}(i + ${at}u)`).join(", ")})`;
  if (dtype === "f16")
    return `vec4<f32>(${["x", "y"].map((at) => `unpack2x16float(storage${storage}[e >> 2u].${at})`).join(", ")})`;
  const parts = ["x", "y"].flatMap((at) => [
    `storage${storage}[e >> 2u].${at} & 0xffffu`,
    `storage${storage}[e >> 2u].${at} >> 16u`,
  ]);
  return `vec4<f32>(${parts.map((part) => `${dtype}_value(${part})`).join(", ")})`;
}

function stores({ name, dtype, storage }: BindingShape, form: StorageForm): string[] {
  const place = `let e = numbers.at_${name} + i;`;
  const head = `fn store_${name}(i: u32, value: f32) { ${place}`;
  const raw = `fn put_${name}(i: u32, bits: u32) { ${place}`;
  const to = `storage${storage}`;
  if (form === "pair")
    return [
      `${head} ${to}[e] = vec2<f32>(value, 0.0); }`,
      `fn store_double_${name}(i: u32, value: vec2<f32>) { ${place} ${to}[e] = value; }`,
    ];
  if (form === "i32") return [`${raw} ${to}[e] = bitcast<i32>(bits); }`];
  if (form === "vec4")
    return [
      `${head} ${to}[e >> 2u][e & 3u] = value; }`,
      `fn store4_${name}(i: u32, value: vec4<f32>) { ${place} ${to}[e >> 2u] = value; }`,
      `fn put_${name}(i: u32, bits: u32) { store_${name}(i, bitcast<f32>(bits)); }`,
    ];
  if (form === "f32")
    return [
      `${head} ${to}[e] = value; }`,
      `fn store4_${name}(i: u32, value: vec4<f32>) {
  ${place}
  ${[0, 1, 2, 3].map((at) => `${to}[e + ${at}u] = value[${at}];`).join(" ")}
}`,
      `${raw} ${to}[e] = bitcast<f32>(bits); }`,
    ];
  if (form === "atomic")
    return [
      `${raw} let shift = 16u * (e & 1u);
  atomicAnd(&${to}[e >> 1u], ~(0xffffu << shift)); atomicOr(&${to}[e >> 1u], bits << shift); }`,
      `fn store_${name}(i: u32, value: f32) { put_${name}(i, ${dtype}_bits(value)); }`,
      `fn store2_${name}(i: u32, value: vec2<f32>) { store_${name}(i, value.x); store_${name}(i + 1u, value.y); }`,
      `fn put2_${name}(i: u32, bits: vec2<u32>) { put_${name}(i, bits.x); put_${name}(i + 1u, bits.y); }`,
    ];
  // The other half of the word is in no other invocation's pair: it is a neighboring slice.
  return [
    `${raw} let shift = 16u * (e & 1u); ${to}[e >> 1u] = (${to}[e >> 1u] & ~(0xffffu << shift)) | (bits << shift); }`,
    `fn store_${name}(i: u32, value: f32) { put_${name}(i, ${dtype}_bits(value)); }`,
    `fn store2_${name}(i: u32, value: vec2<f32>) {
  ${place}
  ${to}[e >> 1u] = ${dtype}_bits(value.x) | (${dtype}_bits(value.y) << 16u);
}`,
    `fn put2_${name}(i: u32, bits: vec2<u32>) { ${place} ${to}[e >> 1u] = bits.x | (bits.y << 16u); }`,
  ];
}
