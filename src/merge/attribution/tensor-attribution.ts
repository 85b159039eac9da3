/**
 * Inner products of the changes of one tensor: of each model's and of the result's, all relative to the base or,
 * without one, to the first model. Products of several tensors add up to those of the tensors as one vector.
 */
export interface TensorAttribution {
  readonly tensor: string;
  /**
   * To what changes are relative in the end: the base, or the mean of the models. `none`: one model alone, so nothing
   * was mixed.
   */
  readonly reference: "base" | "mean" | "none";
  /** Labels of the models whose changes are measured; without a base, those of the others are relative to the first. */
  readonly models: readonly string[];
  /**
   * [i · n + j] of n vectors: the changes of the models, without a base those but for the first, then the result's.
   * Empty if an element is NaN or infinite, and without changes.
   */
  readonly products: readonly number[];
  /** Of SLERP: the least |cosine| of two of the tensors as they are; null for other methods. */
  readonly cosine: number | null;
}

/** SLERP interpolates linearly above this |cosine|. */
export const linearCosine = 0.9995;
