/** out = A · B, by tiles that a workgroup keeps in its memory; each invocation has a small tile of out in registers. */
import type { BindingShape, ShaderText } from "../../shader.js";
import { workgroupTile, productProgram, termsOfBlock, type Ending, type ProductVariant } from "./product-program.js";

/** Rows of a workgroup's tile of out, and of an invocation's, which has four columns. */
interface Tile {
  readonly rows: number;
  readonly ownRows: number;
}

/** Taller tiles need fewer reads for a product, and more rows to give every part of a GPU work. Results are equal. */
export const tiles = { tall: { rows: 128, ownRows: 8 }, square: { rows: 64, ownRows: 4 } } as const satisfies Record<
  string,
  Tile
>;
export type TileName = keyof typeof tiles;
/** Of every tile. */
export const columns = 64;
const ownColumns = 4;
/** Terms of a step, whose operands are in the workgroup's memory. */
export const termsOfStep = 16;
const k = termsOfStep;
/** Of every tile. */
const threads = 256;

export const tiledProduct = productProgram("product", threads, tiledSource);

function tiledSource({ layout, ending, tile }: ProductVariant, bindings: readonly BindingShape[]): ShaderText {
  const { rows, ownRows } = tiles[tile as TileName];
  const own = Array.from({ length: ownRows }, (_, i) => i);
  const across = columns / ownColumns;
  return {
    declarations: `
var<workgroup> tileA: array<f32, ${k * (rows + 4)}>;
var<workgroup> tileB: array<f32, ${k * (columns + 4)}>;`,
    body: `${workgroupTile(rows, columns)}
  let ownRow = (lane / ${across}u) * ${ownRows}u;
  let ownColumn = (lane % ${across}u) * ${ownColumns}u;
${own.map((i) => `  var sum${i} = vec4<f32>();`).join("\n")}
  for (var begin = first; begin < end; begin += ${termsOfBlock}u) {
${own.map((i) => `  var block${i} = vec4<f32>();`).join("\n")}
  for (var k0 = begin; k0 < min(end, begin + ${termsOfBlock}u); k0 += ${k}u) {
${loadTile(isWide(bindings, "a"), { ...tileA, length: rows, contiguous: layout.a === "mk" })}
${loadTile(isWide(bindings, "b"), { ...tileB, length: columns, contiguous: layout.b === "nk" })}
    workgroupBarrier();
    for (var k = 0u; k < bound(${k}u); k++) {
      let atA = k * ${rows + 4}u + ownRow;
      let atB = k * ${columns + 4}u + ownColumn;
      let b = vec4<f32>(tileB[atB], tileB[atB + 1u], tileB[atB + 2u], tileB[atB + 3u]);
${own.map((i) => `      block${i} = fma(vec4<f32>(tileA[atA + ${i}u]), b, block${i});`).join("\n")}
    }
    workgroupBarrier();
  }
${own.map((i) => `  sum${i} += block${i};`).join("\n")}
  }
${own.map((i) => storeRow(i, ending, bindings)).join("\n")}`,
  };
}

function isWide(bindings: readonly BindingShape[], name: string): boolean {
  return bindings.some((one) => one.name === name && one.wide);
}

interface TileLoad {
  readonly name: "a" | "b";
  readonly tile: string;
  /** Rows or columns of the tile. */
  readonly length: number;
  readonly first: string;
  readonly limit: string;
  /** Whether k is the contiguous index of the operand. */
  readonly contiguous: boolean;
}

const tileA = { name: "a", tile: "tileA", first: "m0", limit: "M" } as const;
const tileB = { name: "b", tile: "tileB", first: "n0", limit: "N" } as const;

/** Copies a tile into the workgroup's memory as [k][row]; 0 outside of the operand. */
function loadTile(wide: boolean, { name, tile: to, length, first, limit, contiguous }: TileLoad): string {
  const each = wide ? 4 : 1;
  const [inner, outer] = contiguous ? [k, length] : [length, k];
  const perLine = inner / each;
  const [at, line] = contiguous ? ["k", "m"] : ["m", "k"];
  const [far, near] = contiguous ? [`${first} + m`, "k0 + k"] : ["k0 + k", `${first} + m`];
  const index = `(${far}) * numbers.${name}Stride + ${near}`;
  const store = (offset: number, value: string) =>
    contiguous
      ? `${to}[(k + ${offset}u) * ${length + 4}u + m] = ${value};`
      : `${to}[k * ${length + 4}u + m + ${offset}u] = ${value};`;
  const inside = `${first} + m < numbers.${limit} && k0 + k < numbers.K`;
  if ((outer * perLine) % threads !== 0) throw new Error("a tile that does not divide among invocations");
  return `    for (var index = lane; index < bound(${outer * perLine}u); index += ${threads}u) {
      let ${at} = (index % ${perLine}u) * ${each}u;
      let ${line} = index / ${perLine}u;
      var v = ${wide ? "vec4<f32>()" : "0.0"};
      if (${inside}) { v = operand${wide ? "4" : ""}_${name}(${index}); }
      ${wide ? ["x", "y", "z", "w"].map((part, offset) => store(offset, `v.${part}`)).join(" ") : store(0, "v")}
    }`;
}

/** Ends a row of an invocation's tile: four elements, of which some may be outside. */
export function storeRow(i: number, ending: Ending, bindings: readonly BindingShape[]): string {
  const out = bindings.find(({ name }) => name === "out") as BindingShape;
  const before = ending === "add" ? "out" : "residual";
  const value = (at: number, part: string) =>
    ending === "set" ? `sum${i}.${part}` : `load_${before}(at + ${at}u) + sum${i}.${part}`;
  const store = (at: number, part: string) => {
    if (part.length === 1) return `store_out(at + ${at}u, ${value(at, part)});`;
    if (part.length === 2)
      return `store2_out(at + ${at}u, vec2<f32>(${value(at, part[0])}, ${value(at + 1, part[1])}));`;
    return `store4_out(at, ${ending === "set" ? `sum${i}` : `load4_${before}(at) + sum${i}`});`;
  };
  // Rows have a multiple of what is stored at once, so that all of it is inside or outside.
  const stores = partsOf(out).map(([at, part]) => `if (n + ${at}u < numbers.N) { ${store(at, part)} }`);
  return `  if (m0 + ownRow + ${i}u < numbers.M) {
    let n = n0 + ownColumn;
    let at = split + (m0 + ownRow + ${i}u) * numbers.outStride + n;
    ${stores.join("\n    ")}
  }`;
}

/** What is stored at once: four elements, halves of words in pairs, or each by itself. */
function partsOf({ wide, paired }: BindingShape): readonly (readonly [at: number, part: string])[] {
  if (wide) return [[0, "xyzw"]];
  if (paired)
    return [
      [0, "xy"],
      [2, "zw"],
    ];
  return ["x", "y", "z", "w"].map((part, at) => [at, part] as const);
}
