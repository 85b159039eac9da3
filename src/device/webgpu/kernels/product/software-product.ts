/**
 * out = A · B where a processor computes: Mesa's llvmpipe runs 8 invocations as the lanes of AVX2 registers. Barriers
 * and memory of a workgroup are slow there, and so is each load, by a loop over the lanes; so a subgroup has a tile of
 * out, each lane loads its share of the terms, and rows are broadcast between registers.
 */
import type { BindingShape, ShaderText } from "../../shader.js";
import { workgroupTile, productProgram, termsOfBlock, type ProductVariant } from "./product-program.js";
import { storeRow } from "./tiled-product.js";

/** The tile of a subgroup, which is a workgroup, and its invocations. */
export const softwareTile = { rows: 16, columns: 32, lanes: 8 } as const;
const { lanes } = softwareTile;
const ownColumns = softwareTile.columns / lanes;

export const softwareProduct = productProgram("softwareProduct", lanes, softwareSource);

/** Indices beyond the operands become those of the last row or column: what they give is not stored. */
function softwareSource({ layout, ending }: ProductVariant, bindings: readonly BindingShape[]): ShaderText {
  const { rows, columns } = softwareTile;
  const own = Array.from({ length: rows }, (_, i) => i);
  const loads = own.slice(0, rows / lanes);
  const parts = Array.from({ length: ownColumns }, (_, i) => i);
  const a = (at: string) => (layout.a === "mk" ? `${at} * numbers.aStride` : at);
  const b = (at: string) => (layout.b === "nk" ? `${at} * numbers.bStride` : at);
  return {
    extensions: ["subgroups"],
    body: `${workgroupTile(rows, columns)}
  let ownColumn = lane * ${ownColumns}u;
  let aStep = ${layout.a === "mk" ? "1u" : "numbers.aStride"};
  let bStep = ${layout.b === "nk" ? "1u" : "numbers.bStride"};
${loads.map((i) => `  let atA${i} = ${a(`min(m0 + ${i * lanes}u + lane, numbers.M - 1u)`)};`).join("\n")}
${parts.map((i) => `  let atB${i} = ${b(`min(n0 + ownColumn + ${i}u, numbers.N - 1u)`)};`).join("\n")}
  var sums: array<vec4<f32>, ${rows}>;
  for (var begin = first; begin < end; begin += ${termsOfBlock}u) {
    let blockEnd = min(end, begin + ${termsOfBlock}u);
${own.map((i) => `    var block${i} = vec4<f32>();`).join("\n")}
    for (var k = begin; k < blockEnd; k++) {
${loads.map((i) => `      let a${i} = operand_a(atA${i} + k * aStep);`).join("\n")}
      let b = vec4<f32>(${parts.map((i) => `operand_b(atB${i} + k * bStep)`).join(", ")});
${own.map((i) => `      block${i} = fma(vec4<f32>(${rowOf(i)}), b, block${i});`).join("\n")}
    }
${own.map((i) => `    sums[${i}] += block${i};`).join("\n")}
  }
  for (var ownRow = 0u; ownRow < ${rows}u + numbers.zero; ownRow++) {
    let sum0 = sums[ownRow];
  ${storeRow(0, ending, bindings)}
  }`,
  };
}

const rowOf = (i: number) => `subgroupBroadcast(a${Math.floor(i / lanes)}, ${i % lanes}u)`;
