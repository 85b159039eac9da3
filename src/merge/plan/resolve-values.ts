import { evaluateSetting, type ParameterSettings } from "../config/parameter-setting.js";
import type { MergeConfig } from "../config/merge-config.js";
import { formatModelReference } from "../config/model-reference.js";
import type { MethodParameters, ParameterValues } from "../core/method.js";
import type { InputModel } from "../inputs/open-model.js";
import { mergeError } from "../merge-error.js";
import type { Weight } from "./expand-weights.js";

/**
 * Values of the parameters of the whole merge for an output tensor. @throws StrataError if a required one is missing
 */
export function globalValues(config: MergeConfig, weight: Weight): ParameterValues {
  const { module, slice } = weight;
  const levels = [slice.parameters, module.parameters, config.parameters];
  return resolve(config.method.parameters, levels, weight.name, weight, (name) => missing(config, name, weight, null));
}

/**
 * Values of the parameters of one input.
 *
 * @param tensor  its name in the model, to which filters apply
 * @param isRequired  false for a base, which needs no values
 */
export function inputValues(
  config: MergeConfig,
  weight: Weight,
  model: InputModel,
  tensor: string,
  isRequired: boolean,
): ParameterValues {
  const { module, slice } = weight;
  const own = slice.sources.filter((source) => formatModelReference(source.model) === model.label);
  const levels = [...own.map(({ parameters }) => parameters), slice.parameters, module.parameters, config.parameters];
  return resolve(config.method.inputParameters, levels, tensor, weight, (name) => {
    if (isRequired) missing(config, name, weight, model);
  });
}

function resolve(
  parameters: MethodParameters,
  levels: readonly ParameterSettings[],
  tensor: string,
  { position }: Weight,
  onMissing: (name: string) => void,
): ParameterValues {
  const values: Record<string, number> = {};
  for (const [name, { default: fallback }] of Object.entries(parameters)) {
    const given = levels
      .filter((settings) => Object.hasOwn(settings, name))
      .map((settings) => evaluateSetting(settings[name], tensor, position))
      .find((value) => value !== null);
    if (given !== undefined) values[name] = Number(given);
    else if (typeof fallback === "number") values[name] = fallback;
    else if (fallback === null) onMissing(name);
  }
  return values;
}

function missing(config: MergeConfig, name: string, weight: Weight, model: InputModel | null): never {
  const { method, file } = config;
  const of = model === null ? "" : ` of model ${model.label}`;
  const hint =
    model === null
      ? `Set ${name} under parameters. A list of conditions needs a last one without filter for all other tensors.`
      : `Set ${name} under the parameters of the model, or under the common parameters for all.`;
  throw mergeError(
    `${file} ${weight.name}`,
    `${name}${of}, which ${method.name} needs`,
    "no value for this tensor",
    hint,
  );
}
