import type { MergeDType, MergeInput, MethodParameters, TensorToMerge } from "../../../core/method.js";

/** Sets the dropped elements of the next block of a change to 0. */
export type Dropper = (change: Float32Array) => void;

/** Starts at the first element of a change; each start drops the same elements. Null: the change is left as it is. */
export type Drop = (() => Dropper) | null;

/** A rule by which elements of changes are dropped. */
export interface DropRule {
  /** Whether it takes random numbers. */
  readonly isRandom?: boolean;
  /** Parameters of each input beside the common ones. */
  readonly inputParameters: MethodParameters;
  /** Blocks must be a multiple of so many elements. */
  unit(tensor: TensorToMerge): number;
  /**
   * @param method  the name of the method, for the message
   * @throws StrataError (MergeError) if an input's parameters do not suit the tensor
   */
  check(tensor: TensorToMerge, method: string): void;
  /** One per input, in their order; the inputs are checked. */
  prepare(tensor: TensorToMerge): readonly Drop[];
  /** The dtype in which ℓ1 norms are compared. */
  normDType(dtype: MergeDType): MergeDType;
}

/** Drops the whole change. */
export const dropAll: Drop = () => (change) => void change.fill(0);

export function isDropping({ values }: MergeInput): boolean {
  return values.density < 1;
}
