/** out = A · B, by tiles that a workgroup keeps in its memory; each invocation has a small tile of out in registers. */
import { bytesPerElement } from "../../../tensor/dtype.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Program } from "../program.js";
import type { GpuBuffer } from "../gpu-buffer.js";
import type { Scratch } from "../scratch.js";
import { isNarrow, type BindingShape, type ShaderText } from "../shader.js";
import { copyElements } from "./elementwise.js";
import { matrixProgram, matrixTile } from "./matrix-product.js";
import { softwareProductSource, softwareTile } from "./software-product.js";

/** Rows of a workgroup's tile of out, and of an invocation's, which has four columns. */
interface Tile {
  readonly rows: number;
  readonly ownRows: number;
}

/** Taller tiles need fewer reads for a product, and more rows to give every part of a GPU work. Results are equal. */
const tiles = { tall: { rows: 128, ownRows: 8 }, square: { rows: 64, ownRows: 4 } } as const satisfies Record<
  string,
  Tile
>;
type TileName = keyof typeof tiles;
const leastLargeTiles = 128;
const columns = 64;
const ownColumns = 4;
/** Terms of a step, whose operands are in the workgroup's memory. */
const k = 16;
/** Terms that are summed by themselves: the error of a sum of many terms grows with their number. */
const termsOfBlock = 512;
/** Of every tile. */
const threads = 256;

/** Which index of an operand is contiguous: A is [M,K] or [K,M], B is [N,K] or [K,N]. */
export interface Layout {
  readonly a: "mk" | "km";
  readonly b: "nk" | "kn";
}

/** x · wᵀ, dyᵀ · x, and dy · w of row-major matrices. */
export const layouts = {
  byRows: { a: "mk", b: "nk" },
  byColumns: { a: "km", b: "kn" },
  mixed: { a: "mk", b: "kn" },
} as const satisfies Record<string, Layout>;

/** What happens with out: overwritten, added to, or overwritten with a residual added. */
export type Ending = "set" | "add" | "residual";

export type ProductBuffers = "a" | "b" | "residual" | "out";
export type ProductScalars = "M" | "N" | "K" | "aStride" | "bStride" | "outStride" | "rowTiles";

const program: Program<ProductBuffers, ProductScalars> = {
  name: "product",
  buffers: { a: "read", b: "read", residual: "read", out: "write" },
  scalars: { M: "u32", N: "u32", K: "u32", aStride: "u32", bStride: "u32", outStride: "u32", rowTiles: "u32" },
  workgroup: threads,
  source: (bindings, variant) => {
    const [a, b, ending, name] = variant.split(" ");
    const layout = { a: a as Layout["a"], b: b as Layout["b"] };
    return productSource(bindings, layout, ending as Ending, tiles[name as TileName]);
  },
};

/** The same where a processor computes. */
const softwareProgram: typeof program = {
  ...program,
  name: "softwareProduct",
  workgroup: softwareTile.lanes,
  source: (bindings, variant) => {
    const [a, b, ending] = variant.split(" ");
    const layout = { a: a as Layout["a"], b: b as Layout["b"] };
    return softwareProductSource(layout, termsOfBlock, storeRow(0, ending as Ending, bindings));
  },
};

function productSource(
  bindings: readonly BindingShape[],
  layout: Layout,
  ending: Ending,
  { rows, ownRows }: Tile,
): ShaderText {
  const own = Array.from({ length: ownRows }, (_, i) => i);
  const across = columns / ownColumns;
  return {
    declarations: `
var<workgroup> tileA: array<f32, ${k * (rows + 4)}>;
var<workgroup> tileB: array<f32, ${k * (columns + 4)}>;`,
    body: `
  let m0 = (block % numbers.rowTiles) * ${rows}u;
  let n0 = (block / numbers.rowTiles) * ${columns}u;
  if (n0 >= numbers.N) { return; }
  let ownRow = (lane / ${across}u) * ${ownRows}u;
  let ownColumn = (lane % ${across}u) * ${ownColumns}u;
${own.map((i) => `  var sum${i} = vec4<f32>();`).join("\n")}
  for (var begin = 0u; begin < numbers.K; begin += ${termsOfBlock}u) {
${own.map((i) => `  var block${i} = vec4<f32>();`).join("\n")}
  for (var k0 = begin; k0 < min(numbers.K, begin + ${termsOfBlock}u); k0 += ${k}u) {
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
function storeRow(i: number, ending: Ending, bindings: readonly BindingShape[]): string {
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
    let at = (m0 + ownRow + ${i}u) * numbers.outStride + n;
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

export interface Product {
  /** [M,N] */
  readonly out: GpuBuffer;
  readonly a: GpuBuffer;
  readonly b: GpuBuffer;
  /** [M,N] f32 */
  readonly residual?: GpuBuffer | null;
  readonly accumulate?: boolean;
  readonly layout: Layout;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** A range of the rows, columns and terms of a product. */
interface Part {
  readonly m: number;
  readonly M: number;
  readonly n: number;
  readonly N: number;
  readonly k: number;
  readonly K: number;
}

/** Records a product, in parts whose operands fit into bindings and which take no longer than a dispatch may. */
export function multiply(gpu: Dispatcher, scratch: Scratch, product: Product): void {
  const { out, a, b, layout, residual = null, M, N, K } = product;
  const most = (buffer: GpuBuffer | null, width: number) =>
    buffer?.gpu.isLarge ? Math.max(1, Math.floor(gpu.maxWindow / (width * bytesPerElement(buffer.dtype)))) : Infinity;
  const kMost = Math.min(layout.a === "km" ? most(a, M) : Infinity, layout.b === "kn" ? most(b, N) : Infinity);
  const kStep = Math.min(wholeTiles(kMost, k), K);
  if (kStep < K && isNarrow(out.dtype)) {
    const sums = scratch.floats("sums of a product", M * N);
    multiply(gpu, scratch, { ...product, out: sums });
    return copyElements(gpu, out, sums);
  }
  const nStep = Math.min(layout.b === "nk" ? wholeTiles(most(b, K), columns) : Infinity, N);
  const fits = Math.min(most(out, N), most(residual, N), layout.a === "mk" ? most(a, K) : Infinity);
  const affordable = Math.max(tiles.tall.rows, wholeTiles(gpu.maxWork / (2 * nStep * kStep), tiles.tall.rows));
  const mStep = Math.min(wholeTiles(fits, tiles.tall.rows), affordable, M);
  for (let k = 0; k < K; k += kStep)
    for (let n = 0; n < N; n += nStep)
      for (let m = 0; m < M; m += mStep)
        runPart(gpu, product, {
          m,
          M: Math.min(mStep, M - m),
          n,
          N: Math.min(nStep, N - n),
          k,
          K: Math.min(kStep, K - k),
        });
}

/** A number of rows in whole tiles, if there is at least one. */
function wholeTiles(count: number, size: number): number {
  return count < size ? Math.max(1, Math.floor(count)) : Math.floor(count / size) * size;
}

/** How a product is computed: the shader, its variant and its tiles. */
interface Means {
  readonly program: Program<ProductBuffers, ProductScalars>;
  readonly variant: string;
  readonly rows: number;
  readonly columns: number;
  /** Whether it reads four elements at once where they are aligned. */
  readonly wide: boolean;
}

function meansFor({ units, everyVariant, subgroups }: Dispatcher, M: number, N: number): Means {
  const fills = (tile: { readonly rows: number; readonly columns: number }) =>
    Math.ceil(M / tile.rows) * Math.ceil(N / tile.columns) >= leastLargeTiles;
  if (units) {
    const share = fills(matrixTile(units, "large")) ? "large" : "small";
    return { program: matrixProgram(units), variant: share, ...matrixTile(units, share), wide: true };
  }
  if (subgroups === softwareTile.lanes && !everyVariant)
    return { program: softwareProgram, variant: "", ...softwareTile, wide: false };
  const variant: TileName = everyVariant && fills({ rows: tiles.tall.rows, columns }) ? "tall" : "square";
  return { program, variant, rows: tiles[variant].rows, columns, wide: true };
}

function runPart(gpu: Dispatcher, product: Product, part: Part): void {
  const { out, a, b, layout, residual = null, accumulate = false } = product;
  const [aStride, bStride] = [layout.a === "mk" ? product.K : product.M, layout.b === "nk" ? product.K : product.N];
  const outStride = product.N;
  const { m, n, k, M, N, K } = part;
  const ending: Ending = accumulate || k > 0 ? "add" : residual ? "residual" : "set";
  const means = meansFor(gpu, M, N);
  const rowTiles = Math.ceil(M / means.rows);
  const isWhole = M === product.M && N === product.N && K === product.K;
  const cut = (buffer: GpuBuffer, row: number, rows: number, column: number, columns: number, stride: number) =>
    isWhole ? buffer : buffer.slice(row * stride + column, (rows - 1) * stride + columns);
  const buffers = {
    a: layout.a === "mk" ? cut(a, m, M, k, K, aStride) : cut(a, k, K, m, M, aStride),
    b: layout.b === "nk" ? cut(b, n, N, k, K, bStride) : cut(b, k, K, n, N, bStride),
    residual: ending === "residual" && residual ? cut(residual, m, M, n, N, outStride) : null,
    out: cut(out, m, M, n, N, outStride),
  };
  const wideA = means.wide && aStride % 4 === 0 && (layout.a === "mk" ? K : M) % 4 === 0;
  const wideB = means.wide && bStride % 4 === 0 && (layout.b === "nk" ? K : N) % 4 === 0;
  gpu.run(means.program, {
    buffers,
    scalars: { M, N, K, aStride, bStride, outStride, rowTiles },
    variant: `${layout.a} ${layout.b} ${ending} ${means.variant}`,
    wide: [
      ...(wideA ? (["a"] as const) : []),
      ...(wideB ? (["b"] as const) : []),
      ...(outStride % 4 === 0 ? (["out", "residual"] as const) : []),
    ],
    pairs: outStride % 2 === 0,
    workgroups: rowTiles * Math.ceil(N / means.columns),
    work: 2 * M * N * K,
  });
}
