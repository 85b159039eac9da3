import type { Agreement } from "./agreement.js";
import type { MethodTable } from "./merge-method.js";
import type { MergeMethods } from "./methods/methods.js";
import type { OuterSettings } from "./outer-step.js";

type KeysOfEach<Type> = Type extends unknown ? keyof Type : never;

/** The parameters of all methods of a table; a method reads its own. */
type ParameterValues<Methods extends MethodTable> = {
  readonly [Key in KeysOfEach<Methods[keyof Methods]["parameters"]>]: number;
};

export type MergeSettings<Methods extends MethodTable = MergeMethods> = ParameterValues<Methods> & {
  readonly method: keyof Methods & string;
  /** A step of Nesterov SGD along the merged change in place of the merged model itself. */
  readonly outerOptimizer: OuterSettings | null;
};

/** What a merge did, as plain data. */
export interface MergeRecord<Methods extends MethodTable = MergeMethods> extends Agreement {
  readonly method: keyof Methods & string;
  readonly settings: MergeSettings<Methods>;
  readonly parts: number;
  readonly tensors: number;
  /** [n]: how many tensors n parts trained; [0] of them came from the base as they are. */
  readonly tensorsByOwners: readonly number[];
}
