import { checkInputs } from "../../../core/check-inputs.js";
import type { InputRule, MergeMethod, TensorToMerge } from "../../../core/method.js";
import { mergeTaskVectors, type TaskVectorRule } from "./merge-task-vectors.js";
import { commonParameters, inputParameters } from "./parameters.js";

export const changesOfBase: InputRule = { base: "required", minimum: 1, maximum: Infinity };

/** As `checkInputs`, but a tensor may have no inputs if the plan left out those of another shape: it stays the base. */
export function checkChanges(method: MergeMethod, tensor: TensorToMerge): void {
  if (tensor.inputs.length > 0 || tensor.base === null) checkInputs(method, tensor);
}

type Described = Pick<MergeMethod, "name" | "label" | "concept" | "use" | "source">;

/** What sets a method of this family apart from the others. */
interface TaskVectorMethod extends Described, TaskVectorRule {
  /** Defaults. */
  readonly normalize: boolean;
  readonly rescale: boolean;
}

/** A method of the family that drops elements of changes, elects signs and adds up. */
export function taskVectorMethod({ normalize, rescale, drop, elects, ...described }: TaskVectorMethod): MergeMethod {
  const method: MergeMethod = {
    ...described,
    inputs: changesOfBase,
    croppedTo: "base",
    parameters: commonParameters({ normalize, rescale }),
    inputParameters: { ...inputParameters, ...drop?.inputParameters },
    isRandom: drop?.isRandom ?? false,
    check(tensor) {
      checkChanges(method, tensor);
      drop?.check(tensor, method.name);
    },
    *merge(tensor) {
      method.check?.(tensor);
      yield* mergeTaskVectors(tensor, { drop, elects });
    },
  };
  return method;
}
