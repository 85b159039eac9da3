/**
 * The device contract: what every device must be able to do. TypeScript owns the order of calls, memory and files; a
 * device owns the loops.
 *
 * - The caller allocates outputs. Gradients of weights are added (`+=`), gradients of activations are overwritten.
 * - A call returns at once and calls run in order; only `read` waits.
 * - A kernel sees numbers and buffers, no names and no layers. It takes one object of named arguments.
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

/** What a device gave out in one piece; slices of a buffer share it. */
export interface DeviceMemory {
  /** The device that gave it out: a token, compared only. */
  readonly owner: object;
  /** Where the values are: in memory, in a file that is only read, or in a scratch file. */
  readonly home: "memory" | "file" | "scratch";
  /** Elements of the whole. */
  readonly length: number;
  /** Set by `free`; a freed buffer cannot be used any more. */
  isFreed: boolean;
}

/**
 * Memory of a device. `slice` shares it. Activations are f32, or bf16 where "operand" is said; weights may be f32, bf16 or
 * f16 when frozen.
 */
export interface DeviceBuffer {
  readonly dtype: DType;
  /** Elements. */
  readonly length: number;
  readonly memory: DeviceMemory;
  slice(offset: number, length: number): DeviceBuffer;
}

export interface FillArguments {
  /** f32 or f64 */
  readonly buffer: DeviceBuffer;
  readonly value: number;
}

export interface CopyArguments {
  readonly out: DeviceBuffer;
  readonly x: DeviceBuffer;
}

export interface EmbedArguments {
  /** [N,D] f32 */
  readonly out: DeviceBuffer;
  /** [V,D] of any float dtype */
  readonly table: DeviceBuffer;
  /** [N] i32 */
  readonly ids: DeviceBuffer;
  readonly N: number;
  readonly D: number;
}

export interface EmbedBackwardArguments {
  /** [V,D] f32, added to */
  readonly dTable: DeviceBuffer;
  /** [N,D] f32 */
  readonly dOut: DeviceBuffer;
  /** [N] i32 */
  readonly ids: DeviceBuffer;
  readonly N: number;
  readonly D: number;
}

export interface RmsNormArguments {
  /** [N,D] operand; may be x */
  readonly out: DeviceBuffer;
  /** [N] f32, written */
  readonly rstd: DeviceBuffer;
  /** [N,D] f32 */
  readonly x: DeviceBuffer;
  /** [D] of any float dtype */
  readonly weight: DeviceBuffer;
  readonly epsilon: number;
  readonly N: number;
  readonly D: number;
}

export interface RmsNormBackwardArguments {
  /** [N,D] f32 */
  readonly dx: DeviceBuffer;
  /** [D] f32, added to; null when the weight is frozen */
  readonly dWeight: DeviceBuffer | null;
  /** [N,D] f32 */
  readonly dy: DeviceBuffer;
  /** [N,D] f32 */
  readonly x: DeviceBuffer;
  /** [D] of any float dtype */
  readonly weight: DeviceBuffer;
  /** [N] f32, what `rmsNorm` wrote */
  readonly rstd: DeviceBuffer;
  /** [N,D] f32, or null for none; may be dx */
  readonly residual: DeviceBuffer | null;
  readonly N: number;
  readonly D: number;
}

export interface MatmulArguments {
  /** [N,O] operand */
  readonly out: DeviceBuffer;
  /** [N,I] operand */
  readonly x: DeviceBuffer;
  /** [O,I] of any float dtype */
  readonly w: DeviceBuffer;
  /** [N,O] f32, or null for none; may be out */
  readonly residual: DeviceBuffer | null;
  readonly N: number;
  readonly I: number;
  readonly O: number;
}

export interface MatmulInputGradientArguments {
  /** [N,I] operand */
  readonly dx: DeviceBuffer;
  /** [N,O] operand */
  readonly dy: DeviceBuffer;
  /** [O,I] of any float dtype */
  readonly w: DeviceBuffer;
  /** Adds to dx, which must be f32, instead of overwriting it. */
  readonly accumulate: boolean;
  readonly N: number;
  readonly I: number;
  readonly O: number;
}

export interface MatmulWeightGradientArguments {
  /** [O,I] f32, added to */
  readonly dw: DeviceBuffer;
  /** [N,O] operand */
  readonly dy: DeviceBuffer;
  /** [N,I] operand */
  readonly x: DeviceBuffer;
  readonly N: number;
  readonly I: number;
  readonly O: number;
}

export interface AddBiasArguments {
  /** [N,O] operand; may be x */
  readonly out: DeviceBuffer;
  /** [N,O] operand */
  readonly x: DeviceBuffer;
  /** [O] of any float dtype */
  readonly bias: DeviceBuffer;
  readonly N: number;
  readonly O: number;
}

export interface BiasGradientArguments {
  /** [O] f32, added to */
  readonly dBias: DeviceBuffer;
  /** [N,O] operand */
  readonly dy: DeviceBuffer;
  readonly N: number;
  readonly O: number;
}

export interface RopeArguments {
  /** [N, heads·E] operand; may be x */
  readonly out: DeviceBuffer;
  /** [N, heads·E] operand */
  readonly x: DeviceBuffer;
  /** [N] i32, indices into the rows of cosine and sine */
  readonly positions: DeviceBuffer;
  /** [positions, E/2] f32 */
  readonly cosine: DeviceBuffer;
  /** [positions, E/2] f32 */
  readonly sine: DeviceBuffer;
  /** Rotates by the opposite angle, which is also the gradient. */
  readonly inverse: boolean;
  readonly N: number;
  readonly heads: number;
  /** Even. */
  readonly E: number;
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

export interface AttentionArguments {
  /** [B·queries, H·E] operand */
  readonly out: DeviceBuffer;
  /** [B·queries, H] f32, kept for the backward; null when there is none */
  readonly logSumExp: DeviceBuffer | null;
  /** [B·queries, H·E] operand */
  readonly q: DeviceBuffer;
  /** [B·keys, K·E] operand */
  readonly k: DeviceBuffer;
  /** [B·keys, K·E] operand */
  readonly v: DeviceBuffer;
  readonly visible: VisibleKeys;
  readonly shape: AttentionShape;
}

export interface AttentionBackwardArguments {
  /** As q, f32 */
  readonly dq: DeviceBuffer;
  /** As k, f32 */
  readonly dk: DeviceBuffer;
  /** As v, f32 */
  readonly dv: DeviceBuffer;
  /** As out, operand */
  readonly dOut: DeviceBuffer;
  readonly out: DeviceBuffer;
  readonly logSumExp: DeviceBuffer;
  readonly q: DeviceBuffer;
  readonly k: DeviceBuffer;
  readonly v: DeviceBuffer;
  readonly visible: VisibleKeys;
  readonly shape: AttentionShape;
}

export interface SwigluArguments {
  /** [length] operand; may be gate or up */
  readonly out: DeviceBuffer;
  /** [length] operand */
  readonly gate: DeviceBuffer;
  /** [length] operand */
  readonly up: DeviceBuffer;
  readonly length: number;
}

/** All operands of `length` elements; each element is read before it is written. */
export interface SwigluBackwardArguments {
  /** May be gate. */
  readonly dGate: DeviceBuffer;
  /** May be up. */
  readonly dUp: DeviceBuffer;
  /** Takes silu(gate) · up once more, so that it need not be kept; may be dOut; null when not wanted. */
  readonly gated: DeviceBuffer | null;
  readonly dOut: DeviceBuffer;
  readonly gate: DeviceBuffer;
  readonly up: DeviceBuffer;
  readonly length: number;
}

export interface HeadLossArguments {
  /** [N] f32 */
  readonly losses: DeviceBuffer;
  /** [N] i32: the id of the largest logit (the lowest of equals); null when not wanted */
  readonly best: DeviceBuffer | null;
  /** [N,D] f32, or null */
  readonly dx: DeviceBuffer | null;
  /** [V,D] f32, added to; null when the head is frozen. Needs dx. */
  readonly dw: DeviceBuffer | null;
  /** [N,D] operand */
  readonly x: DeviceBuffer;
  /** [V,D] of any float dtype */
  readonly w: DeviceBuffer;
  /** [N] i32; a negative target is ignored: its loss and gradient are 0 */
  readonly targets: DeviceBuffer;
  /** Of the gradients; the losses stay as they are. */
  readonly scale: number;
  readonly N: number;
  readonly D: number;
  readonly V: number;
}

export interface SquaredNormArguments {
  /** f64 */
  readonly out: DeviceBuffer;
  /** The element of out that is written. */
  readonly index: number;
  /** f32 */
  readonly x: DeviceBuffer;
}

/** All buffers are f32 of one length. */
export interface AdamWArguments {
  readonly weight: DeviceBuffer;
  /** 0 afterwards. */
  readonly gradient: DeviceBuffer;
  /** The moments. */
  readonly m: DeviceBuffer;
  readonly v: DeviceBuffer;
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

export interface Kernels {
  /** buffer ← value. */
  fill(named: FillArguments): void;
  /** out ← x, converting between f32, bf16 and f16 (rounding to nearest even) where the dtypes differ. */
  copy(named: CopyArguments): void;

  /** out[n] = table[ids[n]]. */
  embed(named: EmbedArguments): void;
  /** dTable[ids[n]] += dOut[n], in ascending n. */
  embedBackward(named: EmbedBackwardArguments): void;

  /** out = x · rstd · weight with rstd = 1/√(mean(x²) + epsilon) per row. */
  rmsNorm(named: RmsNormArguments): void;
  /** dx = residual + rstd · (g − x̂ · mean(g · x̂)) with g = dy · weight, x̂ = x · rstd; dWeight += Σ over rows of dy · x̂. */
  rmsNormBackward(named: RmsNormBackwardArguments): void;

  /** out = x · wᵀ (+ residual). */
  matmul(named: MatmulArguments): void;
  /** dx = dy · w, or dx += dy · w if `accumulate`. */
  matmulInputGradient(named: MatmulInputGradientArguments): void;
  /** dw += dyᵀ · x. */
  matmulWeightGradient(named: MatmulWeightGradientArguments): void;

  /** out[n] = x[n] + bias. */
  addBias(named: AddBiasArguments): void;
  /** dBias += Σ over rows of dy, in ascending n. */
  biasGradient(named: BiasGradientArguments): void;

  /**
   * Rotary position embedding in the Hugging Face layout: with h = E/2 the pair (x[j], x[j+h]) turns by the angle of
   * (position, j).
   */
  rope(named: RopeArguments): void;

  /** out = softmax(q·kᵀ/√E over visible keys) · v, grouped heads: query head h reads key/value head ⌊h·K/H⌋. */
  attention(named: AttentionArguments): void;
  /** Gradients of `attention`; dq, dk, dv are overwritten. */
  attentionBackward(named: AttentionBackwardArguments): void;

  /** out = silu(gate) · up. */
  swiglu(named: SwigluArguments): void;
  /** Gradients of `swiglu`. */
  swigluBackward(named: SwigluBackwardArguments): void;

  /**
   * Output head with cross-entropy, in chunks of rows: never all N×V logits at once.
   * losses[n] = −log softmax(x[n]·wᵀ)[targets[n]].
   * With dx: dx[n] = scale · d losses[n] / d x[n]; with dw: dw += scale · Σ d losses[n] / d w.
   */
  headLoss(named: HeadLossArguments): void;

  /** out[index] = Σ x² in a fixed order, accumulated in f64. */
  squaredNorm(named: SquaredNormArguments): void;
  /** Decoupled AdamW (Loshchilov & Hutter 2019), in place. */
  adamW(named: AdamWArguments): void;
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
  /**
   * Gives the memory back when the calls so far are done: neither the buffer nor its slices can be used any more.
   *
   * @param buffer  as `allocate`, `allocateScratch` or `map` gave it, not a slice
   * @throws StrataError if it was freed before
   */
  free(buffer: DeviceBuffer): void;
  /** buffer[0 … data.length) ← data, rounding to the buffer's dtype (f32, f64, i32, bf16, f16). */
  write(buffer: DeviceBuffer, data: FloatArray | Int32Array): void;
  /** Waits for all calls so far, then copies the buffer out as numbers (bf16 and f16 widened). */
  read(buffer: DeviceBuffer): Promise<FloatArray | Int32Array>;
  /** A read-only buffer over elements of a file in the file's own dtype; mapped, not copied, where the device can. */
  map(path: string, byteOffset: number, length: number, dtype: DType): DeviceBuffer;
}

/**
 * What the file of a device implements; `checkedDevice` makes a Device of it. It may rely on its arguments: buffers are its
 * own and in use, dtypes and lengths are right, outputs can be written, and a range of a file is inside the file.
 */
export interface RawDevice {
  readonly facts: DeviceFacts;
  readonly kernels: Kernels;
  /** `memory` is new, and the buffer and all its slices carry it. */
  allocate(memory: DeviceMemory, dtype: DType, length: number): DeviceBuffer;
  allocateScratch(memory: DeviceMemory, folder: string, length: number): DeviceBuffer;
  map(memory: DeviceMemory, path: string, byteOffset: number, length: number, dtype: DType): DeviceBuffer;
  release(buffer: DeviceBuffer): void;
  free(buffer: DeviceBuffer): void;
  write(buffer: DeviceBuffer, data: FloatArray | Int32Array): void;
  read(buffer: DeviceBuffer): Promise<FloatArray | Int32Array>;
  /**
   * The values of an i32 buffer as the next kernel will see them, so that indices can be checked; null where looking costs
   * more than the check is worth, as with the memory of a GPU: then the caller's own checks of ids and positions must do.
   */
  peek(buffer: DeviceBuffer): Int32Array | null;
}
