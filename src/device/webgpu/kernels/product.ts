/** Products of matrices of any size, in parts that fit into bindings and that take no longer than a dispatch may. */
import { bytesPerElement } from "../../../tensor/dtype.js";
import type { Dispatcher } from "../dispatcher.js";
import type { GpuBuffer } from "../gpu-buffer.js";
import type { Scratch } from "../scratch.js";
import { isNarrow } from "../shader.js";
import { copyElements } from "./elementwise.js";
import { chooseProduct } from "./product/choose-product.js";
import { variantName, type Ending, type Layout, type ProductBuffers } from "./product/product-program.js";
import { addSplits, termsOfSplit } from "./product/split-sums.js";
import { columns, termsOfStep, tiles } from "./product/tiled-product.js";

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
  /** Terms of a sum at most; K or more for one. */
  readonly splitTerms: number;
}

/** Records a product, in parts whose operands fit into bindings and which take no longer than a dispatch may. */
export function multiply(gpu: Dispatcher, scratch: Scratch, product: Product): void {
  const { out, a, b, layout, residual = null, M, N, K } = product;
  const most = (buffer: GpuBuffer | null, width: number) =>
    buffer?.gpu.isLarge ? Math.max(1, Math.floor(gpu.maxWindow / (width * bytesPerElement(buffer.dtype)))) : Infinity;
  const kMost = Math.min(layout.a === "km" ? most(a, M) : Infinity, layout.b === "kn" ? most(b, N) : Infinity);
  const kStep = Math.min(wholeTiles(kMost, termsOfStep), K);
  if (kStep < K && isNarrow(out.dtype)) {
    const sums = scratch.floats("sums of a product", M * N);
    multiply(gpu, scratch, { ...product, out: sums });
    return copyElements(gpu, out, sums);
  }
  const nStep = Math.min(layout.b === "nk" ? wholeTiles(most(b, K), columns) : Infinity, N);
  const fits = Math.min(most(out, N), most(residual, N), layout.a === "mk" ? most(a, K) : Infinity);
  const affordable = Math.max(tiles.tall.rows, wholeTiles(gpu.maxWork / (2 * nStep * kStep), tiles.tall.rows));
  const mStep = Math.min(wholeTiles(fits, tiles.tall.rows), affordable, M);
  // In the other layouts a row of out is one of x, and must not depend on the number of rows.
  const splitTerms = layout.a === "km" && kStep === K ? termsOfSplit(gpu, tilesOf(gpu, product, M, N), K) : K;
  for (let k = 0; k < K; k += kStep)
    for (let n = 0; n < N; n += nStep)
      for (let m = 0; m < M; m += mStep)
        runPart(gpu, scratch, product, {
          m,
          M: Math.min(mStep, M - m),
          n,
          N: Math.min(nStep, N - n),
          k,
          K: Math.min(kStep, K - k),
          splitTerms,
        });
}

/** A number of rows in whole tiles, if there is at least one. */
function wholeTiles(count: number, size: number): number {
  return count < size ? Math.max(1, Math.floor(count)) : Math.floor(count / size) * size;
}

/** By the sum of 1 for a, 2 for b, and 4 for out and residual: a list for each call would take a microsecond. */
const wideOperands: readonly (readonly ProductBuffers[])[] = [
  [],
  ["a"],
  ["b"],
  ["a", "b"],
  ["out", "residual"],
  ["a", "out", "residual"],
  ["b", "out", "residual"],
  ["a", "b", "out", "residual"],
];

function runPart(gpu: Dispatcher, scratch: Scratch, product: Product, part: Part): void {
  const { out, a, b, layout, residual = null, accumulate = false } = product;
  const [aStride, bStride] = [layout.a === "mk" ? product.K : product.M, layout.b === "nk" ? product.K : product.N];
  const { m, n, k, M, N, K, splitTerms } = part;
  const ending: Ending = accumulate || k > 0 ? "add" : residual ? "residual" : "set";
  const chosen = chooseProduct(gpu, product, M, N);
  const rowTiles = Math.ceil(M / chosen.rows);
  const isWhole = M === product.M && N === product.N && K === product.K;
  const cut = (buffer: GpuBuffer, row: number, rows: number, column: number, columns: number, stride: number) =>
    isWhole ? buffer : buffer.slice(row * stride + column, (rows - 1) * stride + columns);
  const operands = {
    a: layout.a === "mk" ? cut(a, m, M, k, K, aStride) : cut(a, k, K, m, M, aStride),
    b: layout.b === "nk" ? cut(b, n, N, k, K, bStride) : cut(b, k, K, n, N, bStride),
  };
  const wideA = chosen.wide && aStride % 4 === 0 && (layout.a === "mk" ? K : M) % 4 === 0;
  const wideB = chosen.wide && bStride % 4 === 0 && (layout.b === "nk" ? K : N) % 4 === 0;
  const wideOut = chosen.wideOut && product.N % 4 === 0;
  const splits = Math.ceil(K / splitTerms);
  const run = (to: GpuBuffer, before: GpuBuffer | null, end: Ending) =>
    gpu.run(chosen.program, {
      buffers: { ...operands, residual: before, out: to },
      scalars: { M, N, K, splitTerms: Math.min(splitTerms, K), aStride, bStride, outStride: product.N, rowTiles },
      variant: variantName({ layout, ending: end, tile: chosen.tile }),
      wide: wideOperands[(wideA ? 1 : 0) + (wideB ? 2 : 0) + (wideOut ? 4 : 0)],
      pairs: product.N % 2 === 0,
      workgroups: rowTiles * Math.ceil(N / chosen.columns) * splits,
      work: 2 * M * N * K,
    });
  const to = cut(out, m, M, n, N, product.N);
  const rest = ending === "residual" && residual ? cut(residual, m, M, n, N, product.N) : null;
  if (splits === 1) return run(to, rest, ending);
  const sums = scratch.floats("sums of the splits of a product", splits * M * N);
  run(sums, null, "set");
  addSplits(gpu, { sums, before: ending === "add" ? to : rest, out: to }, M * N);
}

/** Tiles of out if it is computed as a whole. */
function tilesOf(gpu: Dispatcher, product: Product, M: number, N: number): number {
  const { rows, columns: width } = chooseProduct(gpu, product, M, N);
  return Math.ceil(M / rows) * Math.ceil(N / width);
}
