import { mergeError, shownValue } from "../merge-error.js";
import { checkIsMapping, checkMapping, listItems, member, whereOf, type Field } from "./fields.js";
import type { ModuleConfig, SliceConfig, SourceConfig } from "./merge-config.js";
import { readParameters, type ParameterRules } from "./read-parameters.js";
import { readReference } from "./read-reference.js";

/** Reads the one of `models`, `slices` and `modules` that the configuration has. */
export function readModules(root: Field, rules: ParameterRules): readonly ModuleConfig[] {
  const given = ["models", "slices", "modules"].filter((key) => member(root, key) !== null);
  if (given.length !== 1) {
    const got = given.length === 0 ? "none of them" : given.join(" and ");
    throw mergeError(
      whereOf(root),
      "exactly one of models, slices and modules",
      got,
      "Keep the one that describes the merge.",
    );
  }
  const modules = member(root, "modules");
  if (modules === null) return [{ name: null, ...readModule(root, rules), parameters: {} }];
  checkIsMapping(modules, "modules");
  return Object.keys(modules.value as object).map((name) => {
    const field = {
      ...modules,
      value: (modules.value as Record<string, unknown>)[name],
      path: [...modules.path, name],
    };
    checkMapping(field, ["models", "slices", "parameters"], "a module");
    if ((member(field, "models") === null) === (member(field, "slices") === null)) {
      throw mergeError(
        whereOf(field),
        "either models or slices",
        "none or both",
        "Keep the one that describes the module.",
      );
    }
    return { name, ...readModule(field, rules), parameters: readParameters(member(field, "parameters"), rules, false) };
  });
}

function readModule(field: Field, rules: ParameterRules): Pick<ModuleConfig, "slices" | "isWholeModels"> {
  const models = member(field, "models");
  if (models === null) {
    const slices = listItems(member(field, "slices") as Field, "slices");
    return { slices: slices.map((slice) => readSlice(slice, rules)), isWholeModels: false };
  }
  const sources = listItems(models, "models").map((item) => {
    checkMapping(item, ["model", "parameters"], "a model of the merge");
    return readSource(item, null, rules);
  });
  return { slices: [{ sources, baseModel: null, parameters: {}, where: whereOf(models) }], isWholeModels: true };
}

function readSlice(field: Field, rules: ParameterRules): SliceConfig {
  checkMapping(field, ["sources", "base_model", "parameters", "residual_weight"], "a slice");
  const list = member(field, "sources");
  if (list === null)
    throw mergeError(whereOf(field), "sources of the slice", "nothing", "List models with their layer_range.");
  const sources = listItems(list, "sources").map((item) => {
    checkMapping(item, ["model", "layer_range", "parameters"], "a source of a slice");
    return readSource(item, readLayers(item), rules);
  });
  checkLengths(field, sources);
  const base = member(field, "base_model");
  return {
    sources,
    baseModel: base === null ? null : readReference(base),
    parameters: readParameters(member(field, "parameters"), rules, false),
    where: whereOf(field),
  };
}

function readSource(item: Field, layers: SourceConfig["layers"], rules: ParameterRules): SourceConfig {
  const model = member(item, "model");
  if (model === null) throw mergeError(whereOf(item), "model with a path", "nothing", "Add `model: PATH`.");
  const parameters = readParameters(member(item, "parameters"), rules, true);
  return { model: readReference(model), layers, parameters, where: whereOf(model) };
}

function readLayers(item: Field): readonly [number, number] {
  const field = member(item, "layer_range");
  const hint = "Write the first layer and the one after the last, such as [0, 16].";
  if (field === null) throw mergeError(whereOf(item), "layer_range of the source", "nothing", hint);
  const { value } = field;
  const isRange =
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((end) => Number.isSafeInteger(end) && end >= 0) &&
    value[0] < value[1];
  if (isRange) return value as [number, number];
  throw mergeError(whereOf(field), "layer_range [from, to] with 0 ≤ from < to", shownValue(value), hint);
}

function checkLengths(field: Field, sources: readonly SourceConfig[]): void {
  const lengths = sources.map(({ layers }) => (layers === null ? 0 : layers[1] - layers[0]));
  const other = lengths.findIndex((length) => length !== lengths[0]);
  if (other < 0) return;
  throw mergeError(
    `${whereOf(field)} layer_range`,
    "the same number of layers in all sources of a slice",
    lengths.join(" and "),
    "Sources of one slice are merged layer by layer. To stack layers, write one slice for each range.",
  );
}
