/**
 * Muon (Jordan 2024) as `torch.optim.Muon`: momentum whose direction is made nearly orthogonal, by matrix products of
 * the device or, for blocks of few rows, by one kernel, so that every direction of a matrix's space changes at the same
 * rate.
 */
import { maxBlockRows } from "../device/block-rows.js";
import { openScope } from "../device/device-scope.js";
import type { Device, DeviceBuffer } from "../device/kernels.js";
import { elements } from "../model/config/parameter-counts.js";
import type { Parameter } from "../model/config/parameters.js";
import type { TrainingSettings } from "./settings.js";

/** One matrix [rows,columns] and its state, in f32. */
export interface MuonMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly weight: DeviceBuffer;
  /** Zeroed afterwards. */
  readonly gradient: DeviceBuffer;
  readonly m: DeviceBuffer;
}

export interface MuonStep {
  /** Before the scaling with the shape. */
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly muonScaling: TrainingSettings["muonScaling"];
  readonly muonBlockRows: TrainingSettings["muonBlockRows"];
  /** Factor applied to the gradient first. */
  readonly gradientScale: number;
}

export interface Muon {
  /** weight ← weight · (1 − learningRate · weightDecay) − learningRate · scale(shape) · orthogonal direction. */
  update(matrix: MuonMatrix, step: MuonStep): void;
  /** Frees the work space. */
  close(): void;
}

/** The share of AdamW's learning rate with which a change has the same root mean square, or as Jordan defined it. */
export function muonScale(scaling: TrainingSettings["muonScaling"], rows: number, columns: number): number {
  return scaling === "original" ? Math.sqrt(Math.max(1, rows / columns)) : 0.2 * Math.sqrt(Math.max(rows, columns));
}

/** @param matrices  those that will be updated; at least one */
export function createMuon(parent: Device, matrices: readonly Pick<Parameter, "shape">[]): Muon {
  const { device, close } = openScope(parent);
  const { kernels } = device;
  const work = allocateWork(device, matrices);
  return {
    update({ rows, columns, weight, gradient, m }, { momentum, nesterov, gradientScale, ...step }) {
      kernels.momentumStep({ gradient, m, momentum, nesterov, gradientScale });
      for (const { first, rows: some, blockRows } of passes(rows, step.muonBlockRows)) {
        const slice = (buffer: DeviceBuffer) => buffer.slice(first * columns, some * columns);
        const x = orthogonalize(device, work, slice(gradient), some, columns, blockRows);
        const rate = step.learningRate * muonScale(step.muonScaling, blockRows, columns);
        kernels.blend({ out: slice(weight), x, keep: 1 - step.learningRate * step.weightDecay, add: -rate });
      }
      kernels.fill({ buffer: gradient, value: 0 });
    },
    close,
  };
}

/** Rows that are updated by one call: all whole blocks if the kernel of blocks takes them, and the rest. */
function passes(
  rows: number,
  blockRows: TrainingSettings["muonBlockRows"],
): { readonly first: number; readonly rows: number; readonly blockRows: number }[] {
  const blocks = blocksOf(rows, blockRows);
  if (blockRows === null || blockRows > maxBlockRows)
    return blocks.map((block) => ({ ...block, blockRows: block.rows }));
  const whole = rows - (rows % blockRows);
  return [
    { first: 0, rows: whole, blockRows },
    { first: whole, rows: rows - whole, blockRows: rows - whole },
  ].filter((pass) => pass.rows > 0);
}

/** The blocks of a matrix that are updated each by itself: of `blockRows` rows, the last one of the rest. */
function blocksOf(
  rows: number,
  blockRows: TrainingSettings["muonBlockRows"],
): { readonly first: number; readonly rows: number }[] {
  const size = blockRows ?? rows;
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    first: i * size,
    rows: Math.min(size, rows - i * size),
  }));
}

/** f32 buffers as large as the largest matrix needs, and a sum of squares in f64. */
interface Work {
  readonly squares: DeviceBuffer;
  /** Before and after an iteration. */
  readonly matrices: readonly [DeviceBuffer, DeviceBuffer];
  /** The Gram matrix; its square, then the polynomial of both. */
  readonly grams: readonly [DeviceBuffer, DeviceBuffer];
}

/** Elements of each of the two buffers of a kind in the work space. */
export function muonWorkElements(matrices: readonly Pick<Parameter, "shape">[]): { matrix: number; gram: number } {
  return {
    matrix: Math.max(0, ...matrices.map(({ shape }) => elements(shape))),
    gram: Math.max(0, ...matrices.map(({ shape }) => Math.min(...shape) ** 2)),
  };
}

function allocateWork(device: Device, matrices: readonly Pick<Parameter, "shape">[]): Work {
  const { matrix, gram } = muonWorkElements(matrices);
  const pair = (length: number) => [device.allocate("f32", length), device.allocate("f32", length)] as const;
  return { squares: device.allocate("f64", 1), matrices: pair(matrix), grams: pair(gram) };
}

/** The quintic of `torch.optim.Muon`: five times it moves singular values from 0.002 … 1 to about 0.7 … 1.2. */
const quintic = { a: 3.4445, b: -4.775, c: 2.0315 };
const iterations = 5;
const smallestNorm = 1e-7;

/**
 * Multiplications of an update of a matrix: in each iteration two symmetric products, of which half is computed, and a
 * full one. The kernel of blocks multiplies the whole block twice and otherwise works on its Gram matrix.
 */
export function muonMultiplications(
  rows: number,
  columns: number,
  blockRows: TrainingSettings["muonBlockRows"],
): number {
  return blocksOf(rows, blockRows).reduce((sum, block) => {
    const [size, length] = [Math.min(block.rows, columns), Math.max(block.rows, columns)];
    if (block.rows <= maxBlockRows) return sum + size * size * (2 * length + (4 * iterations - 3) * size);
    return sum + iterations * size * size * (1.5 * length + 0.5 * size);
  }, 0);
}

/**
 * Newton-Schulz: X ← X / ‖X‖, then five times X ← a·X + (b·G + c·G²)·X with the Gram matrix G = X·Xᵀ; for more rows
 * than columns a·X + X·(b·G + c·G²) with G = Xᵀ·X, the smaller of the two.
 *
 * @returns a buffer of the work space
 */
function orthogonalize(
  { kernels }: Device,
  work: Work,
  direction: DeviceBuffer,
  rows: number,
  columns: number,
  blockRows: number,
): DeviceBuffer {
  if (blockRows <= maxBlockRows) {
    const out = work.matrices[0].slice(0, rows * columns);
    const epsilon = smallestNorm;
    kernels.orthogonalize({ out, x: direction, blockRows, ...quintic, iterations, epsilon, rows, columns });
    return out;
  }
  const size = Math.min(rows, columns);
  const [gram, polynomial] = work.grams.map((buffer) => buffer.slice(0, size * size));
  let [x, next] = work.matrices.map((buffer) => buffer.slice(0, rows * columns));
  kernels.squaredNorm({ out: work.squares, index: 0, x: direction });
  kernels.normalize({ out: x, x: direction, squares: work.squares, index: 0, epsilon: smallestNorm });
  for (let i = 0; i < iterations; i++) {
    kernels.gram({ out: gram, x, ofColumns: rows > columns, N: rows, I: columns });
    kernels.gram({ out: polynomial, x: gram, ofColumns: false, N: size, I: size });
    kernels.blend({ out: polynomial, x: gram, keep: quintic.c, add: quintic.b });
    kernels.blend({ out: next, x, keep: 0, add: quintic.a });
    if (rows <= columns)
      kernels.matmulInputGradient({ dx: next, dy: polynomial, w: x, accumulate: true, N: rows, I: columns, O: rows });
    else kernels.matmul({ out: next, x, w: polynomial, residual: next, N: rows, I: columns, O: columns });
    [x, next] = [next, x];
  }
  return x;
}
