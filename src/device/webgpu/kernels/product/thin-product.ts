/**
 * out = x · wᵀ of few rows, as in generation: reading w is what takes time. A workgroup has some columns of out, and
 * several invocations of a column share its terms, so that all of a GPU reads.
 */
import type { BindingShape, ShaderText } from "../../shader.js";
import { workgroupTile, productProgram, type Ending, type ProductVariant } from "./product-program.js";

/** Rows and columns of a workgroup. */
export const thinTile = { rows: 8, columns: 8 } as const;
/** Rows of out at most. A row has the same sums for any number of rows up to here, as many as generation has. */
export const mostThinRows = 32;
/** Invocations of a column; each has four terms of each 64. */
const lanes = 16;
const threads = thinTile.columns * lanes;
/** Sums of the invocations of an element, one of them unused, so that elements begin in different banks. */
const line = lanes + 1;

export const thinProduct = productProgram("thinProduct", threads, thinSource);

/** Rows and columns beyond the operands become the last one: what they give is not stored. */
function thinSource({ ending }: ProductVariant, bindings: readonly BindingShape[]): ShaderText {
  const { rows, columns } = thinTile;
  const own = Array.from({ length: rows }, (_, i) => i);
  const each = (text: (i: number) => string) => own.map((i) => `      ${text(i)}`).join("\n");
  return {
    declarations: `var<workgroup> parts: array<f32, ${rows * columns * line}>;`,
    body: `${workgroupTile(rows, columns)}
  let column = lane / ${lanes}u;
  let share = lane % ${lanes}u;
  let atB = min(n0 + column, numbers.N - 1u) * numbers.bStride;
${own.map((i) => `  let atA${i} = min(m0 + ${i}u, numbers.M - 1u) * numbers.aStride;`).join("\n")}
${own.map((i) => `  var sum${i} = vec4<f32>();`).join("\n")}
  let fours = end / 4u * 4u;
  for (var k = first + share * 4u; k < fours; k += ${4 * lanes}u) {
      let b = operand4_b(atB + k);
${each((i) => `sum${i} = fma(operand4_a(atA${i} + k), b, sum${i});`)}
  }
  if (fours + share < end) {
      let b = operand_b(atB + fours + share);
${each((i) => `sum${i}.x = fma(operand_a(atA${i} + fours + share), b, sum${i}.x);`)}
  }
${each((i) => `parts[(${i * columns}u + column) * ${line}u + share] = ${total(i)};`)}
  workgroupBarrier();
${storeParts(ending, bindings)}`,
  };
}

const total = (i: number) => `(sum${i}.x + sum${i}.y) + (sum${i}.z + sum${i}.w)`;

/** Each invocation sums the parts of one element, or of two in one word. */
function storeParts(ending: Ending, bindings: readonly BindingShape[]): string {
  const width = bindings.some(({ name, paired }) => name === "out" && paired) ? 2 : 1;
  const before = ending === "add" ? "out" : "residual";
  const value = (at: number) => `${ending === "set" ? "" : `load_${before}(at + ${at}u) + `}total[${at}]`;
  const { rows, columns } = thinTile;
  return `
  let row = lane / ${columns / width}u;
  let n = n0 + (lane % ${columns / width}u) * ${width}u;
  if (row >= ${rows}u || m0 + row >= numbers.M || n >= numbers.N) { return; }
  let at = split + (m0 + row) * numbers.outStride + n;
  var total: array<f32, ${width}>;
  for (var i = 0u; i < ${width}u; i++) {
    let element = (row * ${columns}u + n - n0 + i) * ${line}u;
    for (var part = 0u; part < ${lanes}u; part++) { total[i] += parts[element + part]; }
  }
  ${width === 2 ? `store2_out(at, vec2<f32>(${value(0)}, ${value(1)}));` : `store_out(at, ${value(0)});`}`;
}
