/** Named arguments of the kernels. kernels.ts defines the dimensions and "operand"; "added to" means `+=`. */
import type { DeviceBuffer } from "./device-buffer.js";

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
  /** [N] f32, from `rmsNorm` */
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
  /**
   * Whether x is that of the previous call of this kernel on the device and holds the same: a device that packs x may
   * then use what it has packed.
   */
  readonly sameX?: boolean;
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
  /** As in `matmul`. */
  readonly sameX?: boolean;
  readonly N: number;
  readonly I: number;
  readonly O: number;
}

export interface GramArguments {
  /** [N,N] f32, or [I,I] if `ofColumns`; not x */
  readonly out: DeviceBuffer;
  /** [N,I] operand */
  readonly x: DeviceBuffer;
  /** Products of columns instead of rows. */
  readonly ofColumns: boolean;
  readonly N: number;
  readonly I: number;
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
  /** Rotates by the opposite angle: this is the backward. */
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

/** Keys that row n = b·queries + i attends to: positions first[n] ≤ j < end[n] of sequence b. Never empty. */
export interface VisibleKeys {
  /** i32 [B·queries] */
  readonly first: DeviceBuffer;
  /** i32 [B·queries] */
  readonly end: DeviceBuffer;
}

export interface AttentionArguments {
  /** [B·queries, H·E] operand */
  readonly out: DeviceBuffer;
  /** [B·queries, H] f32, kept for the backward; null without a backward */
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
  /** Receives silu(gate) · up, recomputed instead of kept by the forward; may be dOut; null if not needed. */
  readonly gated: DeviceBuffer | null;
  readonly dOut: DeviceBuffer;
  readonly gate: DeviceBuffer;
  readonly up: DeviceBuffer;
  readonly length: number;
}

export interface HeadLossArguments {
  /** [N] f32 */
  readonly losses: DeviceBuffer;
  /** [N] i32: the id of the largest logit (the lowest id of ties); null if not needed */
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
  /** Factor of the gradients; losses are not scaled. */
  readonly scale: number;
  readonly N: number;
  readonly D: number;
  readonly V: number;
}
