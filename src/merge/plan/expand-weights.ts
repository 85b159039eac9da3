import type { MergeConfig, ModuleConfig, SliceConfig, SourceConfig } from "../config/merge-config.js";
import { formatModelReference, type ModelReference } from "../config/model-reference.js";
import type { InputModel } from "../inputs/open-model.js";
import { mergeError } from "../merge-error.js";
import { formatLayerName, isBeforeLayers, layerCounts, parseLayerName } from "./tensor-roles.js";
import { belongsToModule, checkModules } from "./modules.js";

/** A tensor of a model that may be an input of an output tensor. */
export interface WeightSource {
  readonly model: InputModel;
  /** In that model. */
  readonly name: string;
}

/** An output tensor before it is known which models have it. */
export interface Weight {
  readonly name: string;
  /** Of its layer in the slice, from 0 to 1; 0 outside the layers. */
  readonly position: number;
  readonly slice: SliceConfig;
  readonly module: ModuleConfig;
  readonly sources: readonly WeightSource[];
}

export type ModelOf = (reference: ModelReference) => InputModel;

/** All output tensors that the names in the models give. @param note  says what the user should know */
export function expandWeights(config: MergeConfig, modelOf: ModelOf, note: (text: string) => void): Weight[] {
  const all = config.modules.flatMap(({ slices }) =>
    slices.flatMap(({ sources }) => sources.map(({ model }) => modelOf(model))),
  );
  checkModules(config, all);
  return config.modules.flatMap((module) => {
    const namesOf = (model: InputModel) =>
      [...model.tensors.keys()].filter((name) => belongsToModule(name, module, config.modules));
    return module.isWholeModels
      ? wholeModels(config, module, modelOf, namesOf)
      : stackedSlices(module, modelOf, namesOf, note);
  });
}

type NamesOf = (model: InputModel) => readonly string[];

function wholeModels(config: MergeConfig, module: ModuleConfig, modelOf: ModelOf, namesOf: NamesOf): Weight[] {
  const [slice] = module.slices;
  const models = slice.sources.map(({ model }) => modelOf(model));
  const base = config.baseModel === null ? null : modelOf(config.baseModel);
  if (base !== null && !models.includes(base)) models.push(base);
  const counts = models.map((model) => layerCounts(namesOf(model)));
  models.forEach((model, i) => checkCounts(models[0], counts[0], model, counts[i]));
  return [...new Set(models.flatMap(namesOf))].map((name) => {
    const layer = parseLayerName(name);
    const position = layer === null ? 0 : positionOf(layer.index, counts[0].get(layer.stack) ?? 1);
    return { name, position, slice, module, sources: models.map((model) => ({ model, name })) };
  });
}

/** A single layer is at 1. */
function positionOf(index: number, count: number): number {
  return count > 1 ? index / (count - 1) : 1;
}

function checkCounts(
  first: InputModel,
  expected: ReadonlyMap<string, number>,
  model: InputModel,
  counts: ReadonlyMap<string, number>,
): void {
  for (const stack of new Set([...expected.keys(), ...counts.keys()])) {
    const [wanted, got] = [expected.get(stack), counts.get(stack)];
    if (wanted === got || wanted === undefined || got === undefined) continue;
    const hint = "Merge models of the same depth, or choose layers of each with slices.";
    throw mergeError(`${model.folder} ${stack}`, `${wanted} layers as in ${first.label}`, `${got}`, hint);
  }
}

function stackedSlices(
  module: ModuleConfig,
  modelOf: ModelOf,
  namesOf: NamesOf,
  note: (text: string) => void,
): Weight[] {
  const { slices } = module;
  const modelsOf = (slice: SliceConfig) => slice.sources.map(({ model }) => modelOf(model));
  const stack = stackOf(slices.flatMap(modelsOf), namesOf);
  const outside = (slice: SliceConfig, models: readonly InputModel[], isWanted: (name: string) => boolean): Weight[] =>
    [...new Set(models.flatMap(namesOf))]
      .filter((name) => parseLayerName(name) === null && isWanted(name))
      .map((name) => ({ name, position: 0, slice, module, sources: models.map((model) => ({ model, name })) }));
  const [first, last] = [slices[0], slices[slices.length - 1]];
  const after = modelsOf(last).slice(0, first.sources.length);
  if (after.length < last.sources.length) {
    const left = modelsOf(last)
      .slice(after.length)
      .map(({ label }) => label);
    note(
      `Tensors after the layers are merged from ${after.map(({ label }) => label).join(", ")} alone, without ` +
        `${left.join(", ")}: ` +
        `as in mergekit, from as many sources of the last slice as the first slice has`,
    );
  }
  const layers: Weight[] = [];
  let index = 0;
  for (const slice of slices) {
    for (const source of slice.sources) checkRange(source, modelOf(source.model), stack);
    const [from, to] = slice.sources[0].layers as readonly [number, number];
    for (let i = 0; i < to - from; i++, index++) {
      layers.push(
        ...sliceLayer(slice, module, modelOf, stack, i, index).map((weight) => ({
          ...weight,
          position: positionOf(i, to - from),
        })),
      );
    }
  }
  return [
    ...outside(first, modelsOf(first), isBeforeLayers),
    ...layers,
    ...outside(last, after, (name) => !isBeforeLayers(name)),
  ];
}

/** The tensors of layer `i` of a slice, which becomes layer `index` of the output. */
function sliceLayer(
  slice: SliceConfig,
  module: ModuleConfig,
  modelOf: ModelOf,
  stack: string,
  i: number,
  index: number,
): Omit<Weight, "position">[] {
  const sources = slice.sources.map(({ model, layers }) => ({
    model: modelOf(model),
    layer: (layers as readonly [number, number])[0] + i,
  }));
  const rests = new Set(
    sources.flatMap(({ model, layer }) =>
      [...model.tensors.keys()].flatMap((name) => {
        const parsed = parseLayerName(name);
        return parsed?.stack === stack && parsed.index === layer ? [parsed.rest] : [];
      }),
    ),
  );
  return [...rests].map((rest) => ({
    name: formatLayerName({ stack, index, rest }),
    slice,
    module,
    sources: sources.map(({ model, layer }) => ({ model, name: formatLayerName({ stack, index: layer, rest }) })),
  }));
}

function checkRange(source: SourceConfig, model: InputModel, stack: string): void {
  const count = layerCounts(model.tensors.keys()).get(stack) ?? 0;
  const [from, to] = source.layers as readonly [number, number];
  if (to <= count) return;
  const hint = `Its layers are ${stack}.0 to ${stack}.${count - 1}: choose a layer_range inside [0, ${count}].`;
  throw mergeError(
    `${source.where} layer_range`,
    `layers of ${formatModelReference(source.model)}, which has ${count}`,
    `[${from}, ${to}]`,
    hint,
  );
}

function stackOf(models: readonly InputModel[], namesOf: NamesOf): string {
  const stacks = [...new Set(models.flatMap((model) => [...layerCounts(namesOf(model)).keys()]))];
  if (stacks.length === 1) return stacks[0];
  const hint =
    stacks.length === 0
      ? "Slices need tensors with a layer's number in their names, such as model.layers.0.mlp.up_proj.weight: use " +
        "models instead."
      : "Use modules, and name each after its stack.";
  throw mergeError(
    models[0].folder,
    "one stack of layers for slices",
    stacks.length === 0 ? "none" : stacks.join(", "),
    hint,
  );
}
