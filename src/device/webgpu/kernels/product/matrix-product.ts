/** out = A · B with the units for small matrices: each subgroup has some of them in registers. */
import { isNarrow, type BindingShape, type ShaderText } from "../../shader.js";
import { subgroups, type MatrixUnits } from "../../adapter/matrix-units.js";
import {
  workgroupTile,
  productProgram,
  type Ending,
  type ProductProgram,
  type ProductVariant,
} from "./product-program.js";

/** Small matrices of out that a subgroup has, by rows and columns. */
const shares = { large: { rows: 4, columns: 2 }, small: { rows: 2, columns: 1 } } as const;
export type ShareName = keyof typeof shares;
/** Subgroups of a workgroup beside each other; the others are below. */
const across = 4;
const down = subgroups / across;
/** Small matrices along k of a step, whose operands are in the workgroup's memory. */
const stepMatrices = 2;
/** Elements between the rows of a tile in memory, so that rows begin in different banks. */
const padding = 8;

/** Rows and columns of out of a workgroup. */
export function matrixTile(
  { M, N }: MatrixUnits,
  share: ShareName,
): { readonly rows: number; readonly columns: number } {
  return { rows: down * shares[share].rows * M, columns: across * shares[share].columns * N };
}

const programs = new Map<string, ProductProgram>();

/** The product with these units. */
export function matrixProgram(units: MatrixUnits): ProductProgram {
  const name = `matrixProduct ${Object.values(units).join(" ")}`;
  const program =
    programs.get(name) ??
    productProgram(name, subgroups * units.subgroup, (variant, bindings) => matrixSource(units, variant, bindings));
  programs.set(name, program);
  return program;
}

function matrixSource(
  units: MatrixUnits,
  { layout, ending, tile }: ProductVariant,
  bindings: readonly BindingShape[],
): ShaderText {
  const { M, N, K, component, subgroup, namesSize } = units;
  const own = shares[tile as ShareName];
  const { rows, columns } = matrixTile(units, tile as ShareName);
  const terms = stepMatrices * K;
  const a = tileOf("a", "m0", "M", rows, terms, layout.a === "mk");
  const b = tileOf("b", "n0", "N", columns, terms, layout.b === "nk");
  const each = (count: number, text: (i: number) => string) => Array.from({ length: count }, (_, i) => text(i));
  const ofOwn = (text: (i: number, j: number) => string) =>
    each(own.rows, (i) => each(own.columns, (j) => text(i, j)).join("\n")).join("\n");
  return {
    extensions: ["f16", "subgroups", "chromium_experimental_subgroup_matrix"].concat(
      namesSize ? "subgroup_size_control" : [],
    ),
    directives: "diagnostic(off, chromium.subgroup_matrix_uniformity);",
    declarations: `
alias Left = subgroup_matrix_left<${component}, ${K}, ${M}>;
alias Right = subgroup_matrix_right<${component}, ${N}, ${K}>;
alias Sum = subgroup_matrix_result<f32, ${N}, ${M}>;
var<workgroup> tile_a: array<${component}, ${a.outer * a.stride}>;
var<workgroup> tile_b: array<${component}, ${b.outer * b.stride}>;
var<workgroup> ends: array<f32, ${subgroups * M * N}>;`,
    inputs: "@builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) place: u32,",
    attribute: namesSize ? `@subgroup_size(${subgroup})` : "",
    body: `${workgroupTile(rows, columns)}
  let row = (subgroup / ${across}u) * ${own.rows * M}u;
  let column = (subgroup % ${across}u) * ${own.columns * N}u;
${ofOwn((i, j) => `  var sum${i}_${j} = Sum();`)}
  for (var k0 = first; k0 < end; k0 += ${terms}u) {
${loadTile(a, bindings, component, subgroups * subgroup)}
${loadTile(b, bindings, component, subgroups * subgroup)}
    workgroupBarrier();
${each(stepMatrices, (step) =>
  [
    ...each(own.rows, (i) => `    let a${step}_${i} = ${matrixAt("Left", a, `row + ${i * M}u`, step * K)};`),
    ...each(own.columns, (j) => `    let b${step}_${j} = ${matrixAt("Right", b, `column + ${j * N}u`, step * K)};`),
    ofOwn((i, j) => `    sum${i}_${j} = subgroupMatrixMultiplyAccumulate(a${step}_${i}, b${step}_${j}, sum${i}_${j});`),
  ].join("\n"),
).join("\n")}
    workgroupBarrier();
  }
${ofOwn((i, j) => storeMatrix(units, ending, bindings, i, j))}`,
  };
}

/** A tile of an operand in the workgroup's memory, contiguous along the index that is contiguous in the operand. */
interface OperandTile {
  readonly name: "a" | "b";
  readonly first: string;
  readonly limit: string;
  readonly alongK: boolean;
  readonly outer: number;
  readonly inner: number;
  readonly stride: number;
}

function tileOf(
  name: "a" | "b",
  first: string,
  limit: string,
  length: number,
  terms: number,
  alongK: boolean,
): OperandTile {
  const [outer, inner] = alongK ? [length, terms] : [terms, length];
  return { name, first, limit, alongK, outer, inner, stride: inner + padding };
}

/** Copies a tile into memory; 0 outside of the operand. */
function loadTile(
  { name, first, limit, alongK, outer, inner, stride }: OperandTile,
  bindings: readonly BindingShape[],
  component: MatrixUnits["component"],
  threads: number,
): string {
  const wide = bindings.some((one) => one.name === name && one.wide);
  const width = wide ? 4 : 1;
  const perLine = inner / width;
  const [k, m] = alongK ? ["k0 + near", `${first} + far`] : ["k0 + far", `${first} + near`];
  const index = `(${alongK ? m : k}) * numbers.${name}Stride + ${alongK ? k : m}`;
  const value = `${component === "f16" ? "half" : "operand"}${wide ? "4" : ""}_${name}(${index})`;
  const zero = wide ? `vec4<${component}>()` : `${component}(0)`;
  const store = (offset: number) =>
    `tile_${name}[far * ${stride}u + near + ${offset}u] = ${wide ? `v[${offset}]` : "v"};`;
  return `    for (var index = lane; index < bound(${outer * perLine}u); index += ${threads}u) {
      let near = (index % ${perLine}u) * ${width}u;
      let far = index / ${perLine}u;
      var v = ${zero};
      if (${m} < numbers.${limit} && ${k} < numbers.K) { v = ${value}; }
      ${Array.from({ length: width }, (_, offset) => store(offset)).join(" ")}
    }`;
}

/** The small matrix at a row or column of the tile and a term. */
function matrixAt(type: "Left" | "Right", { name, alongK, stride }: OperandTile, at: string, k: number): string {
  const offset = alongK ? `(${at}) * ${stride}u + ${k}u` : `${k * stride}u + ${at}`;
  // Rows of a left matrix are those of A; columns of a right one are those of B.
  const order = (type === "Left") === alongK ? "row_major" : "col_major";
  return `subgroupMatrixLoad<${type}, ${order}>(&tile_${name}, ${offset}, ${stride}u)`;
}

/** A small matrix can be stored only whole: it goes through memory to where its elements belong. */
function storeMatrix(
  { M, N, subgroup }: MatrixUnits,
  ending: Ending,
  bindings: readonly BindingShape[],
  i: number,
  j: number,
): string {
  const paired = bindings.some(({ name, dtype, paired }) => name === "out" && isNarrow(dtype) && paired);
  const width = paired ? 2 : 1;
  const before = ending === "add" ? "out" : "residual";
  const value = (offset: number) => {
    const sum = `ends[subgroup * ${M * N}u + e + ${offset}u]`;
    return ending === "set" ? sum : `load_${before}(at + ${offset}u) + ${sum}`;
  };
  const store = paired ? `store2_out(at, vec2<f32>(${value(0)}, ${value(1)}))` : `store_out(at, ${value(0)})`;
  return `  subgroupMatrixStore<row_major>(&ends, subgroup * ${M * N}u, sum${i}_${j}, ${N}u);
  workgroupBarrier();
  for (var e = place * ${width}u; e < ${M * N}u; e += ${width * subgroup}u) {
    let m = m0 + row + ${i * M}u + e / ${N}u;
    let n = n0 + column + ${j * N}u + e % ${N}u;
    if (m < numbers.M && n < numbers.N) { let at = split + m * numbers.outStride + n; ${store}; }
  }
  workgroupBarrier();`;
}
