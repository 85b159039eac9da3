import type { Agreement } from "./agreement.js";
import type { MethodTable } from "./merge-method.js";
import type { MergeMethods } from "./methods/methods.js";
import type { OuterSettings } from "./outer-step.js";

type KeysOfEach<Type> = Type extends unknown ? keyof Type : never;

/** The parameters of all methods of a table; each method reads only its own. */
type ParameterValues<Methods extends MethodTable> = {
  readonly [Key in KeysOfEach<Methods[keyof Methods]["parameters"]>]: number;
};

export type MergeSettings<Methods extends MethodTable = MergeMethods> = ParameterValues<Methods> & {
  readonly method: keyof Methods & string;
  /** SGD with momentum on the merged change; null: the merged model is the result. */
  readonly outerOptimizer: OuterSettings | null;
};

/** The record of a merge. */
export interface MergeRecord<Methods extends MethodTable = MergeMethods> extends Agreement {
  readonly method: keyof Methods & string;
  readonly settings: MergeSettings<Methods>;
  readonly parts: number;
  readonly tensors: number;
  /** [n]: number of tensors that n parts trained; the [0] untrained ones are copied from the base. */
  readonly tensorsByOwners: readonly number[];
}
