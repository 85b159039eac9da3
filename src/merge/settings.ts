import type { Agreement } from "./agreement.js";
import type { OuterSettings } from "./outer-step.js";

export interface MergeSettings {
  /** `linear` and `slerp` go through the tree of pairs; `ties` and `union` add the parts' changes to the base. */
  readonly method: "linear" | "slerp" | "ties" | "union";
  /** `linear` and `slerp`: what a merge takes from the only side that trained a tensor, in [0, 1]. */
  readonly ownShare: number;
  /** `ties`: the share of each change that is kept, in (0, 1]. */
  readonly density: number;
  /** λ of `union` and `ties`: base + λ · change. */
  readonly scale: number;
  /** A step of Nesterov SGD along the merged change in place of the merged model itself. */
  readonly outer: OuterSettings | null;
}

/** What a merge did, as plain data. */
export interface MergeRecord extends Agreement {
  readonly method: MergeSettings["method"];
  readonly settings: MergeSettings;
  readonly parts: number;
  readonly tensors: number;
  /** [n]: how many tensors n parts trained; [0] of them came from the base as they are. */
  readonly tensorsByOwners: readonly number[];
}
