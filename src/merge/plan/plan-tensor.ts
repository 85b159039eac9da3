import { bytesPerElement } from "../../tensor/dtype.js";
import type { MergeConfig } from "../config/merge-config.js";
import { dtypeTags } from "../core/merge-dtype.js";
import { elementCount, type InputTensor } from "../inputs/input-tensor.js";
import type { InputModel } from "../inputs/open-model.js";
import { readDType } from "../inputs/read-dtype.js";
import { mergeError } from "../merge-error.js";
import { arithmeticDType } from "./arithmetic-dtype.js";
import type { Weight } from "./expand-weights.js";
import { fitShapes } from "./fit-shapes.js";
import { gatherInputs, type GatheredInput, type GatherRules } from "./gather-inputs.js";
import type { CopiedTensor, MergedTensor, PlannedInput, PlannedTensor } from "./merge-plan.js";
import { globalValues, inputValues } from "./resolve-values.js";
import type { Load } from "./order/merge-order.js";
import { hasTokenRows } from "./tensor-roles.js";

export interface TensorRules extends GatherRules {
  readonly config: MergeConfig;
  /** The base of a weight; null without one. */
  baseOf(weight: Weight): InputModel | null;
  /** An embedding with the rows of the output's vocabulary; null if rows stay as they are. */
  readonly reindex: ((inputs: readonly GatheredInput[], base: InputModel | null) => readonly GatheredInput[]) | null;
}

/** @returns null if the tensor is left out of the output */
export function planTensor(weight: Weight, rules: TensorRules): PlannedTensor | null {
  const { config } = rules;
  const gathered = gatherInputs(weight, rules);
  if (gathered === null) return null;
  const loads = gathered.map(({ model, tensor }): Load => ({
    model: model.label,
    wanted: sourceName(weight, model),
    stored: tensor.name,
  }));
  if (gathered.some(({ tensor }) => tensor.dtype === null)) return planCopy(weight, gathered, loads);
  const base = rules.baseOf(weight);
  const isEmbedding = gathered.every(({ model, tensor }) =>
    hasTokenRows(weight.name, tensor.shape, model.config?.["vocab_size"]),
  );
  const isReindexed = rules.reindex !== null && isEmbedding;
  const fitted =
    rules.reindex !== null && isReindexed
      ? rules.reindex(gathered, base)
      : fitShapes(weight.name, gathered, { ...rules, method: config.method, reference: base ?? gathered[0].model });
  const { inputs, base: baseInput } = planInputs(weight, fitted, base, rules);
  const dtype = arithmeticDType(
    config.method,
    inputs.map((input) => input.dtype),
    baseInput?.dtype ?? null,
  );
  const written =
    config.outDType ??
    config.method.resultDType?.(
      dtype,
      inputs.map((input) => input.dtype),
    ) ??
    dtype;
  const { shape } = fitted[0].tensor;
  const length = elementCount(shape);
  const rounded = (input: PlannedInput): PlannedInput =>
    config.method.inputs.base === "required" && config.method.mixedDTypes === undefined ? { ...input, dtype } : input;
  const merged: MergedTensor = {
    kind: "merge",
    name: weight.name,
    shape,
    tag: dtypeTags[written],
    byteLength: length * bytesPerElement(written),
    loads,
    isReindexed,
    length,
    dtype,
    inputs: inputs.map(rounded),
    base: baseInput,
    values: globalValues(config, weight),
  };
  return merged;
}

/** Separates the base from the inputs, as the method takes it. */
function planInputs(
  weight: Weight,
  gathered: readonly GatheredInput[],
  base: InputModel | null,
  { config }: TensorRules,
): { readonly inputs: readonly PlannedInput[]; readonly base: PlannedInput | null } {
  const rule = config.method.inputs.base;
  const planned = gathered.map(({ model, tensor }): PlannedInput => {
    const isRequired = model !== base || rule === "none";
    const values = inputValues(config, weight, model, sourceName(weight, model), isRequired);
    return { model, tensor, values, dtype: config.dtype ?? readDType(tensor.dtype) };
  });
  if (rule === "none") return { inputs: planned, base: null };
  const baseInput = planned.find(({ model }) => model === base) ?? null;
  return { inputs: rule === "member" ? planned : planned.filter((input) => input !== baseInput), base: baseInput };
}

function sourceName(weight: Weight, model: InputModel): string {
  return weight.sources.findLast((source) => source.model === model)?.name ?? weight.name;
}

/** A tensor of integers or booleans has to be the same in all models. */
function planCopy({ name }: Weight, gathered: readonly GatheredInput[], loads: readonly Load[]): CopiedTensor {
  const [{ model, tensor }] = gathered;
  const bytes = readAll(tensor);
  for (const other of gathered.slice(1)) {
    const isEqual = other.tensor.tag === tensor.tag && bytes !== null && readAll(other.tensor)?.equals(bytes) === true;
    if (isEqual) continue;
    const hint =
      "Only floating-point tensors can be merged. Quantized models have to be converted to bf16, f16 or f32 first.";
    throw mergeError(
      other.tensor.where,
      `the ${tensor.tag} values of ${model.label}`,
      `other values (${other.tensor.tag})`,
      hint,
    );
  }
  return {
    kind: "copy",
    name,
    shape: tensor.shape,
    tag: tensor.tag,
    byteLength: bytes?.byteLength ?? 0,
    loads,
    isReindexed: false,
    source: tensor,
  };
}

/** Null if the values are computed. */
function readAll({ readBytes, storedBytes }: InputTensor): Buffer | null {
  return readBytes === null ? null : Buffer.from(readBytes(0, storedBytes));
}
