import type { InputModel } from "../inputs/open-model.js";
import type { InputTensor } from "../inputs/input-tensor.js";
import { mergeError } from "../merge-error.js";
import type { Weight } from "./expand-weights.js";
import { embeddingName, isHead, isRecomputed } from "./tensor-roles.js";

/** A model's tensor for an output tensor. */
export interface GatheredInput {
  readonly model: InputModel;
  readonly tensor: InputTensor;
}

export interface GatherRules {
  readonly donor: InputModel;
  readonly isCompatible: boolean;
  note(text: string): void;
}

/**
 * The inputs of an output tensor, in the order of the configuration; a model that is named twice counts once. A model
 * with a tied head contributes its embedding.
 *
 * @returns null if the tensor is left out
 * @throws StrataError if a model lacks the tensor
 */
export function gatherInputs(weight: Weight, rules: GatherRules): readonly GatheredInput[] | null {
  const gathered = new Map<InputModel, InputTensor>();
  for (const { model, name } of weight.sources) {
    const tensor = model.tensors.get(name) ?? tiedHead(model, name);
    if (tensor === null) {
      leaveOut(weight, name, model, rules);
      return null;
    }
    gathered.set(model, tensor);
  }
  return [...gathered].map(([model, tensor]) => ({ model, tensor }));
}

function tiedHead(model: InputModel, name: string): InputTensor | null {
  if (!isHead(name)) return null;
  const embedding = embeddingName(model.tensors.keys());
  return (embedding === null ? undefined : model.tensors.get(embedding)) ?? null;
}

/** @throws StrataError unless the tensor may be left out of the output */
function leaveOut(weight: Weight, name: string, model: InputModel, { donor, isCompatible, note }: GatherRules): void {
  const owner = weight.sources.find((source) => source.model.tensors.has(source.name))?.model ?? donor;
  if (isRecomputed(name)) {
    note(
      "Tensors that a program computes itself, such as rotary_emb.inv_freq, are left out: not all models store them",
    );
    return;
  }
  if (isCompatible && !donor.tensors.has(name)) {
    note(`${name} is left out: ${donor.label} has no such tensor`);
    return;
  }
  const hint =
    "All models of a merge need the same tensors: check that the folder is complete and of the same architecture.";
  throw mergeError(`${model.folder} ${name}`, `this tensor, which ${owner.label} has`, "no such tensor", hint);
}
