/**
 * The device contract: what every device must be able to do. TypeScript owns the order of calls, memory and files; a
 * device owns the loops.
 *
 * - The caller allocates outputs. Gradients of weights are added (`+=`), gradients of activations are overwritten.
 * - A call returns at once and calls run in order; only `read` waits.
 * - A kernel sees numbers and buffers, no names and no layers.
 * - Results do not depend on the number of threads: every reduction has a fixed order.
 * - A device multiplies in one type, f32 or bf16 (`facts.products`): operands of matrix products, those inside attention
 *   too, are rounded to it, sums are f32. Buffers that hold only such operands may be bf16 themselves; it halves them and
 *   changes no result.
 *
 * Dimensions: N rows, D width, H query heads, K key/value heads, E head width, F feed-forward width, V vocabulary,
 * I inputs and O outputs of a matrix product, B sequences. All matrices are row-major and dense.
 */
import type { DType, FloatArray } from "../tensor/dtype.js";

/** What the operands of matrix products are rounded to. */
export type ProductType = "f32" | "bf16";

/**
 * Memory of a device. `slice` shares it. Activations are f32, or bf16 where "operand" is said; weights may be f32, bf16 or
 * f16 when frozen.
 */
export interface DeviceBuffer {
  readonly dtype: DType;
  /** Elements. */
  readonly length: number;
  slice(offset: number, length: number): DeviceBuffer;
}

export interface AdamWStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled: weight ← weight · (1 − learningRate · weightDecay) before the step. 0 is none. */
  readonly weightDecay: number;
  /** 1 for the first step; corrects the bias of the moments. */
  readonly step: number;
  /** The gradient is multiplied by this first (clipping, mean over tokens). */
  readonly gradientScale: number;
}

/** Sizes of an attention call: B sequences of `queries` rows against `keys` rows each. */
export interface AttentionShape {
  readonly B: number;
  readonly queries: number;
  readonly keys: number;
  readonly H: number;
  readonly K: number;
  readonly E: number;
}

/** Keys that row n = b·queries + i may see: positions first[n] ≤ j < end[n] within sequence b. Never empty. */
export interface VisibleKeys {
  /** i32 [B·queries] */
  readonly first: DeviceBuffer;
  /** i32 [B·queries] */
  readonly end: DeviceBuffer;
}

export interface Kernels {
  /** buffer ← value (f32 and f64 only). */
  fill(buffer: DeviceBuffer, value: number): void;
  /** out ← x, converting between f32, bf16 and f16 (rounding to nearest even) where the dtypes differ. */
  copy(out: DeviceBuffer, x: DeviceBuffer): void;

  /** out[n] = table[ids[n]]. out [N,D] f32, table [V,D], ids [N] i32. */
  embed(out: DeviceBuffer, table: DeviceBuffer, ids: DeviceBuffer, N: number, D: number): void;
  /** dTable[ids[n]] += dOut[n], in ascending n. dTable [V,D], dOut [N,D]. */
  embedBackward(dTable: DeviceBuffer, dOut: DeviceBuffer, ids: DeviceBuffer, N: number, D: number): void;

  /**
   * out = x · rstd · weight with rstd = 1/√(mean(x²) + epsilon) per row. x [N,D]; out likewise, an operand; rstd [N] f32;
   * weight [D]. out may be x.
   */
  rmsNorm(
    out: DeviceBuffer,
    rstd: DeviceBuffer,
    x: DeviceBuffer,
    weight: DeviceBuffer,
    epsilon: number,
    N: number,
    D: number,
  ): void;
  /**
   * dx = residual + rstd · (g − x̂ · mean(g · x̂)) with g = dy · weight, x̂ = x · rstd; dWeight += Σ over rows of dy · x̂.
   *
   * @param dWeight   [D] f32, or null when the weight is frozen
   * @param residual  [N,D], or null for none; may be dx
   */
  rmsNormBackward(
    dx: DeviceBuffer,
    dWeight: DeviceBuffer | null,
    dy: DeviceBuffer,
    x: DeviceBuffer,
    weight: DeviceBuffer,
    rstd: DeviceBuffer,
    residual: DeviceBuffer | null,
    N: number,
    D: number,
  ): void;

  /** out = x · wᵀ (+ residual). out [N,O] and x [N,I] are operands; residual [N,O] f32, may be out; w [O,I] of any float dtype. */
  matmul(
    out: DeviceBuffer,
    x: DeviceBuffer,
    w: DeviceBuffer,
    residual: DeviceBuffer | null,
    N: number,
    I: number,
    O: number,
  ): void;
  /** dx = dy · w, or dx += dy · w if `accumulate`, which needs f32. Operands dx [N,I], dy [N,O]; w [O,I]. */
  matmulInputGradient(
    dx: DeviceBuffer,
    dy: DeviceBuffer,
    w: DeviceBuffer,
    accumulate: boolean,
    N: number,
    I: number,
    O: number,
  ): void;
  /** dw += dyᵀ · x. dw [O,I] f32; operands dy [N,O], x [N,I]. */
  matmulWeightGradient(dw: DeviceBuffer, dy: DeviceBuffer, x: DeviceBuffer, N: number, I: number, O: number): void;

  /** out[n] = x[n] + bias. out and x [N,O] are operands, out may be x; bias [O] of any float dtype. */
  addBias(out: DeviceBuffer, x: DeviceBuffer, bias: DeviceBuffer, N: number, O: number): void;
  /** dBias += Σ over rows of dy, in ascending n. dBias [O] f32; dy [N,O], an operand. */
  biasGradient(dBias: DeviceBuffer, dy: DeviceBuffer, N: number, O: number): void;

  /**
   * Rotary position embedding in the Hugging Face layout: with h = E/2 the pair (x[j], x[j+h]) turns by the angle of
   * (position, j); by the opposite angle if `inverse`, which is also the gradient.
   *
   * @param out        [N, heads·E], an operand; x likewise. out may be x
   * @param positions  [N] i32, indices into the rows of cosine and sine
   * @param cosine     [positions, E/2] f32; `sine` likewise
   */
  rope(
    out: DeviceBuffer,
    x: DeviceBuffer,
    positions: DeviceBuffer,
    cosine: DeviceBuffer,
    sine: DeviceBuffer,
    inverse: boolean,
    N: number,
    heads: number,
    E: number,
  ): void;

  /**
   * out = softmax(q·kᵀ/√E over visible keys) · v, grouped heads: query head h reads key/value head ⌊h·K/H⌋.
   *
   * @param out        [B·queries, H·E], an operand; q likewise; operands k, v [B·keys, K·E]
   * @param logSumExp  [B·queries, H] f32, kept for the backward; null when there is none
   */
  attention(
    out: DeviceBuffer,
    logSumExp: DeviceBuffer | null,
    q: DeviceBuffer,
    k: DeviceBuffer,
    v: DeviceBuffer,
    visible: VisibleKeys,
    shape: AttentionShape,
  ): void;
  /** Gradients of `attention`; dq, dk, dv are f32, overwritten, and have the shapes of q, k, v; dOut and out are operands. */
  attentionBackward(
    dq: DeviceBuffer,
    dk: DeviceBuffer,
    dv: DeviceBuffer,
    dOut: DeviceBuffer,
    out: DeviceBuffer,
    logSumExp: DeviceBuffer,
    q: DeviceBuffer,
    k: DeviceBuffer,
    v: DeviceBuffer,
    visible: VisibleKeys,
    shape: AttentionShape,
  ): void;

  /** out = silu(gate) · up over `length` elements, all operands. out may be gate or up. */
  swiglu(out: DeviceBuffer, gate: DeviceBuffer, up: DeviceBuffer, length: number): void;
  /**
   * Gradients of `swiglu`, all operands. dGate may be gate, dUp may be up (each element is read before it is written).
   *
   * @param gated  takes silu(gate) · up once more, so that it need not be kept; may be dOut; null when not wanted
   */
  swigluBackward(
    dGate: DeviceBuffer,
    dUp: DeviceBuffer,
    gated: DeviceBuffer | null,
    dOut: DeviceBuffer,
    gate: DeviceBuffer,
    up: DeviceBuffer,
    length: number,
  ): void;

  /**
   * Output head with cross-entropy, in chunks of rows: never all N×V logits at once.
   * losses[n] = −log softmax(x[n]·wᵀ)[targets[n]]; a negative target is ignored: its loss and gradient are 0.
   * With dx: dx[n] = scale · d losses[n] / d x[n]; with dw: dw += scale · Σ d losses[n] / d w.
   *
   * @param losses  [N] f32
   * @param best    [N] i32: the id of the largest logit (the lowest of equals); null when not wanted
   * @param dx      [N,D], or null; @param dw [V,D] f32, or null when the head is frozen (dw needs dx)
   * @param x       [N,D], an operand
   */
  headLoss(
    losses: DeviceBuffer,
    best: DeviceBuffer | null,
    dx: DeviceBuffer | null,
    dw: DeviceBuffer | null,
    x: DeviceBuffer,
    w: DeviceBuffer,
    targets: DeviceBuffer,
    scale: number,
    N: number,
    D: number,
    V: number,
  ): void;

  /** out[index] = Σ x² in a fixed order, accumulated in f64. out: f64. */
  squaredNorm(out: DeviceBuffer, index: number, x: DeviceBuffer): void;
  /** Decoupled AdamW (Loshchilov & Hutter 2019), in place; all buffers f32 of one length. The gradient is 0 afterwards. */
  adamW(weight: DeviceBuffer, gradient: DeviceBuffer, m: DeviceBuffer, v: DeviceBuffer, step: AdamWStep): void;
}

export interface DeviceFacts {
  readonly device: string;
  /** Instruction set of the kernels in use, e.g. `avx512`; `typescript` for the reference device. */
  readonly instructionSet: string;
  readonly threads: number;
  readonly products: ProductType;
}

export interface Device {
  readonly facts: DeviceFacts;
  readonly kernels: Kernels;
  /** Zeroed memory. @throws StrataError naming the size if there is not enough. */
  allocate(dtype: DType, length: number): DeviceBuffer;
  /**
   * Zeroed f32 memory whose values lie in a file without a name, where the device can: what of it is in memory, `release`
   * takes out.
   *
   * @param folder  on the disk that the file is to take its room from
   * @throws StrataError if there is not enough
   */
  allocateScratch(folder: string, length: number): DeviceBuffer;
  /** The buffer is not used for now: scratch gives its memory back and keeps its values. Others stay as they are. */
  release(buffer: DeviceBuffer): void;
  /** buffer[0 … data.length) ← data, rounding to the buffer's dtype (f32, f64, i32, bf16, f16). */
  write(buffer: DeviceBuffer, data: FloatArray | Int32Array): void;
  /** Waits for all calls so far, then copies the buffer out as numbers (bf16 and f16 widened). */
  read(buffer: DeviceBuffer): Promise<FloatArray | Int32Array>;
  /** A read-only buffer over elements of a file in the file's own dtype; mapped, not copied, where the device can. */
  map(path: string, byteOffset: number, length: number, dtype: DType): DeviceBuffer;
}
