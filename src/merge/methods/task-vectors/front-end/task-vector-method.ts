import type { InputRule, MergeMethod } from "../../../core/method.js";
import { mergeTaskVectors, type TaskVectorRule } from "./merge-task-vectors.js";
import { commonParameters, inputParameters } from "./parameters.js";

export const changesOfBase: InputRule = { base: "required", minimum: 1, maximum: Infinity };

type Described = Pick<MergeMethod, "name" | "label" | "concept" | "use" | "source">;

/** What sets a method of this family apart from the others. */
interface TaskVectorMethod extends Described, TaskVectorRule {
  /** Defaults. */
  readonly normalize: boolean;
  readonly rescale: boolean;
}

/** A method of the family that drops elements of changes, elects signs and adds up. */
export function taskVectorMethod({ normalize, rescale, drop, elects, ...described }: TaskVectorMethod): MergeMethod {
  return {
    ...described,
    inputs: changesOfBase,
    croppedTo: "base",
    parameters: commonParameters({ normalize, rescale }),
    inputParameters: { ...inputParameters, ...drop?.inputParameters },
    merge: (tensor) => mergeTaskVectors(tensor, { drop, elects }),
  };
}
