import type { MergeKernels } from "../../../core/kernels.js";
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

/** Drops as upstream does, by a product with 0: of an element that is not finite, that leaves NaN. */
export function dropByProduct(kernels: MergeKernels, change: Float32Array, dropper: Dropper): void {
  const spread = Number.isFinite(kernels.magnitudeSum(change)) ? [] : indicesOfNonFinite(change);
  dropper(change);
  for (const i of spread) if (change[i] === 0) change[i] = NaN;
}

export function droppedByProduct(kernels: MergeKernels, drop: Drop): Drop {
  if (drop === null) return null;
  return () => {
    const dropper = drop();
    return (change) => dropByProduct(kernels, change, dropper);
  };
}

function indicesOfNonFinite(values: Float32Array): number[] {
  return Array.from(values.keys()).filter((i) => !Number.isFinite(values[i]));
}

export function isDropping({ values }: MergeInput): boolean {
  return values.density < 1;
}
