/**
 * The device contract: what every device implements. TypeScript controls the order of calls, memory and files; a device
 * runs the loops.
 *
 * - The caller allocates outputs. Gradients of weights are added to (`+=`), gradients of activations are overwritten.
 * - A call returns at once and calls run in order; only `read` waits.
 * - A kernel takes one object of named arguments: numbers and buffers. It knows no parameters and no layers.
 * - Results do not depend on the number of threads: every reduction has a fixed order.
 * - A device has one compute dtype (`facts.computeDType`): operands of matrix products, including those inside
 *   attention, are rounded to it; sums are f32. Buffers that hold only such operands may be of this dtype, which halves
 *   their size if it is bf16 or f16 and changes no result.
 *
 * Dimensions: N rows, D hidden size, H query heads, K key/value heads, E head dimension, F intermediate size,
 * V vocabulary size, I inputs and O outputs of a matrix product, B sequences. All matrices are row-major and dense.
 */
import type { DType, FloatArray } from "../tensor/dtype.js";
import type { DeviceBuffer, DeviceMemory } from "./device-buffer.js";
import type {
  FillArguments,
  CopyArguments,
  EmbedArguments,
  EmbedBackwardArguments,
  RmsNormArguments,
  RmsNormBackwardArguments,
  MatmulArguments,
  MatmulInputGradientArguments,
  MatmulWeightGradientArguments,
  GramArguments,
  AddBiasArguments,
  BiasGradientArguments,
  RopeArguments,
  AttentionArguments,
  AttentionBackwardArguments,
  SwigluArguments,
  SwigluBackwardArguments,
  HeadLossArguments,
} from "./kernel-arguments.js";
import type {
  AdamWArguments,
  BlendArguments,
  OrthogonalizeArguments,
  MomentumStepArguments,
  NormalizeArguments,
  SquaredNormArguments,
} from "./optimizer-arguments.js";

export type * from "./device-buffer.js";
export type * from "./kernel-arguments.js";
export type * from "./optimizer-arguments.js";

/** The dtype that operands of matrix products are rounded to: f16 on a GPU only, where gradients must be scaled. */
export const computeDTypes = ["bf16", "f32", "f16"] as const;
export type ComputeDType = (typeof computeDTypes)[number];

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
  /**
   * dx = residual + rstd · (g − x̂ · mean(g · x̂)) with g = dy · weight and x̂ = x · rstd;
   * dWeight += Σ over rows of dy · x̂.
   */
  rmsNormBackward(named: RmsNormBackwardArguments): void;

  /** out = x · wᵀ (+ residual). */
  matmul(named: MatmulArguments): void;
  /** dx = dy · w, or dx += dy · w if `accumulate`. */
  matmulInputGradient(named: MatmulInputGradientArguments): void;
  /** dw += dyᵀ · x. */
  matmulWeightGradient(named: MatmulWeightGradientArguments): void;
  /** out = x · xᵀ, or xᵀ · x if `ofColumns`; exactly symmetric. */
  gram(named: GramArguments): void;

  /** out[n] = x[n] + bias. */
  addBias(named: AddBiasArguments): void;
  /** dBias += Σ over rows of dy, in ascending n. */
  biasGradient(named: BiasGradientArguments): void;

  /**
   * Rotary position embedding in the Hugging Face layout: with h = E/2 the pair (x[j], x[j+h]) is rotated by the
   * angle of (position, j).
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
   * Output head with cross-entropy, in chunks of rows, so that the N×V logits never exist at once.
   * losses[n] = −log softmax(x[n]·wᵀ)[targets[n]].
   * With dx: dx[n] = scale · d losses[n] / d x[n]; with dw: dw += scale · Σ d losses[n] / d w.
   */
  headLoss(named: HeadLossArguments): void;

  /** out[index] = Σ x² in a fixed order, accumulated in f64. */
  squaredNorm(named: SquaredNormArguments): void;
  /** Decoupled AdamW (Loshchilov & Hutter 2019), in place. */
  adamW(named: AdamWArguments): void;
  /**
   * With d = gradientScale · gradient: m ← momentum · m + (1 − momentum) · d;
   * gradient ← momentum · m + (1 − momentum) · d if `nesterov`, otherwise m.
   */
  momentumStep(named: MomentumStepArguments): void;
  /** out = x / max(√squares[index], epsilon). */
  normalize(named: NormalizeArguments): void;
  /** out ← keep · out + add · x. */
  blend(named: BlendArguments): void;
  /**
   * For each block X of rows: X ← X / max(‖X‖, epsilon), then `iterations` times X ← a·X + (b·G + c·G²)·X with
   * G = X·Xᵀ; for more rows than columns as for its transpose.
   */
  orthogonalize(named: OrthogonalizeArguments): void;
}

export interface DeviceFacts {
  readonly device: string;
  /** Instruction set of the kernels in use, e.g. `avx512`; `typescript` for the reference device. */
  readonly instructionSet: string;
  /** Whether this processor lacks the instructions, and the same is computed without them. */
  readonly emulated: boolean;
  readonly threads: number;
  readonly computeDType: ComputeDType;
}

/** How a device multiplies: the same text where it gives the same bytes, but for an emulation. */
export function describeProducts({ instructionSet, emulated, computeDType }: DeviceFacts): string {
  return `${instructionSet}${emulated ? " (emulated)" : ""}, ${computeDType}`;
}

export interface Device {
  readonly facts: DeviceFacts;
  readonly kernels: Kernels;
  /** Zeroed memory. @throws StrataError with the size if there is not enough */
  allocate(dtype: DType, length: number): DeviceBuffer;
  /**
   * Zeroed f32 memory, backed by an unlinked file if the device supports it; `release` then drops its resident pages.
   *
   * @param folder  the file takes its space on the disk of this folder
   * @throws StrataError if there is not enough space
   */
  allocateScratch(folder: string, length: number): DeviceBuffer;
  /** The buffer is not needed soon: scratch memory leaves RAM but keeps its values. No effect on other buffers. */
  release(buffer: DeviceBuffer): void;
  /**
   * Frees the memory after all calls so far; afterwards neither the buffer nor its slices can be used.
   *
   * @param buffer  from `allocate`, `allocateScratch` or `map`, not a slice
   * @throws StrataError if it is already freed
   */
  free(buffer: DeviceBuffer): void;
  /** buffer[0 … data.length) ← data, rounding to the buffer's dtype (f32, f64, i32, bf16, f16). */
  write(buffer: DeviceBuffer, data: FloatArray | Int32Array): void;
  /** Waits for all calls so far, then copies the buffer out as numbers (bf16 and f16 widened). */
  read(buffer: DeviceBuffer): Promise<FloatArray | Int32Array>;
  /** A read-only buffer over elements of a file, in the file's dtype; mapped, not copied, if the device supports it. */
  map(path: string, byteOffset: number, length: number, dtype: DType): DeviceBuffer;
}

/**
 * What a device implements; `checkedDevice` wraps it as a Device. It can trust its arguments: buffers belong to it and
 * are not freed, dtypes and lengths are valid, outputs are writable, and ranges of a file are inside the file.
 */
export interface RawDevice {
  readonly facts: DeviceFacts;
  readonly kernels: Kernels;
  /** `memory` is a new token; the buffer and all its slices carry it. */
  allocate(memory: DeviceMemory, dtype: DType, length: number): DeviceBuffer;
  allocateScratch(memory: DeviceMemory, folder: string, length: number): DeviceBuffer;
  map(memory: DeviceMemory, path: string, byteOffset: number, length: number, dtype: DType): DeviceBuffer;
  release(buffer: DeviceBuffer): void;
  free(buffer: DeviceBuffer): void;
  write(buffer: DeviceBuffer, data: FloatArray | Int32Array): void;
  read(buffer: DeviceBuffer): Promise<FloatArray | Int32Array>;
  /**
   * The values of an i32 buffer as the next kernel will see them, to check indices. Null where reading them is too
   * expensive, as from GPU memory: then only the caller checks ids and positions.
   */
  peek(buffer: DeviceBuffer): Int32Array | null;
}
