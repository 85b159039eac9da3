/** Named arguments of the kernels of optimizers; see kernel-arguments.ts. */
import type { DeviceBuffer } from "./device-buffer.js";

export interface SquaredNormArguments {
  /** f64 */
  readonly out: DeviceBuffer;
  /** The element of out to write. */
  readonly index: number;
  /** f32 */
  readonly x: DeviceBuffer;
}

/** All buffers are f32 of one length. */
export interface AdamWArguments {
  /** The master weights. */
  readonly weight: DeviceBuffer;
  /** Zeroed afterwards. */
  readonly gradient: DeviceBuffer;
  /** First moment. */
  readonly m: DeviceBuffer;
  /** Second moment. */
  readonly v: DeviceBuffer;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled: weight ← weight · (1 − learningRate · weightDecay) before the step; 0 for none. */
  readonly weightDecay: number;
  /** Counts from 1; corrects the bias of the moments. */
  readonly step: number;
  /** Factor applied to the gradient first (clipping, mean over tokens). */
  readonly gradientScale: number;
}

/** Both buffers are f32 of one length. */
export interface MomentumStepArguments {
  /** Replaced by the direction of the step. */
  readonly gradient: DeviceBuffer;
  /** The momentum. */
  readonly m: DeviceBuffer;
  readonly momentum: number;
  /** Whether the direction looks ahead: the gradient mixed once more with its momentum. */
  readonly nesterov: boolean;
  /** Factor applied to the gradient first (clipping, mean over tokens). */
  readonly gradientScale: number;
}

/** Blocks of `blockRows` rows, each made nearly orthogonal by itself, in f32 whatever the compute dtype. */
export interface OrthogonalizeArguments {
  /** [rows,columns] f32; not x */
  readonly out: DeviceBuffer;
  /** [rows,columns] f32 */
  readonly x: DeviceBuffer;
  /** 1 … 64; the last block has the rest of the rows. */
  readonly blockRows: number;
  /** Coefficients of the quintic a·X + (b·G + c·G²)·X. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly iterations: number;
  /** The smallest divisor: a block of norm 0 stays 0. */
  readonly epsilon: number;
  readonly rows: number;
  readonly columns: number;
}

export interface NormalizeArguments {
  /** Operand, as long as x; may be x */
  readonly out: DeviceBuffer;
  /** f32 */
  readonly x: DeviceBuffer;
  /** f64, from `squaredNorm` */
  readonly squares: DeviceBuffer;
  /** The element of squares that belongs to x. */
  readonly index: number;
  /** The smallest divisor: x of norm 0 stays 0. */
  readonly epsilon: number;
}

export interface BlendArguments {
  /** f32 */
  readonly out: DeviceBuffer;
  /** Operand, as long as out */
  readonly x: DeviceBuffer;
  /** Factor of out. */
  readonly keep: number;
  /** Factor of x. */
  readonly add: number;
}
