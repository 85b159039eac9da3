import type { Agreement } from "./agreement.js";
import type { RoundAttribution } from "./attribution/round-attribution.js";
import type { OuterSettings } from "./outer-step.js";
import type { RoundMethodTable } from "./round-method.js";
import type { RoundMethods } from "./round-methods.js";

type KeysOfEach<Type> = Type extends unknown ? keyof Type : never;

/** The parameters of all methods of a table; each method reads only its own. */
type ParameterValues<Methods extends RoundMethodTable> = {
  readonly [Key in KeysOfEach<Methods[keyof Methods]["parameters"]>]: number;
};

export type MergeSettings<Methods extends RoundMethodTable = RoundMethods> = ParameterValues<Methods> & {
  readonly method: keyof Methods & string;
  /** SGD with momentum on the merged change; null: the merged model is the result. */
  readonly outerOptimizer: OuterSettings | null;
};

/** λ is searched with forward passes, after the merge and the step of the outer optimizer. */
export interface LambdaSearch {
  readonly search: {
    /** Number of documents of the split `search` that the loss is taken on. */
    readonly documents: number;
    /** Whether each group of tensors gets its own λ after the common one. */
    readonly groups: boolean;
  };
}

/** How a strategy merges: a merge, and a search of λ after it where `lambda` says so. */
export type StrategyMerge = Omit<MergeSettings, "lambda"> & { readonly lambda: number | LambdaSearch };

/** The settings of the merge itself; before a search of λ it is 1. */
export function mergeSettings(merge: StrategyMerge): MergeSettings {
  return { ...merge, lambda: typeof merge.lambda === "number" ? merge.lambda : 1 };
}

/** The search of λ after a merge; null for a given λ. */
export function lambdaSearch({ lambda }: StrategyMerge): LambdaSearch["search"] | null {
  return typeof lambda === "number" ? null : lambda.search;
}

/** The record of a merge. */
export interface MergeRecord<Methods extends RoundMethodTable = RoundMethods> extends Agreement {
  readonly method: keyof Methods & string;
  readonly settings: MergeSettings<Methods>;
  readonly parts: number;
  readonly tensors: number;
  /** [n]: number of tensors that n parts trained; the [0] untrained ones are copied from the base. */
  readonly tensorsByOwners: readonly number[];
  readonly attribution: RoundAttribution;
}
