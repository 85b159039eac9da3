import type { ConfigDType, MergeConfig, SliceConfig } from "../config/merge-config.js";
import type { InputModel, ModelConfigJson } from "../inputs/open-model.js";
import type { ModelOf } from "./expand-weights.js";
import type { PlannedTensor } from "./merge-plan.js";
import { isHead } from "./tensor-roles.js";

const torchNames: Readonly<Record<ConfigDType, string>> = { f32: "float32", bf16: "bfloat16", f16: "float16" };

export interface ConfigRules {
  readonly config: MergeConfig;
  readonly donor: InputModel;
  readonly tensors: readonly PlannedTensor[];
  readonly vocabularySize: number | null;
  readonly isCompatible: boolean;
  readonly modelOf: ModelOf;
  note(text: string): void;
}

/** What changes in the donor's config.json. A key with a dot is a member of a member. */
export function configChanges(rules: ConfigRules): Readonly<Record<string, unknown>> {
  const { config, donor } = rules;
  if (donor.config === null) {
    rules.note(`${donor.label} has no config.json: the output has none`);
    return {};
  }
  const dtype = config.outDType ?? config.dtype;
  return {
    ...(dtype === null ? {} : dtypeChanges(donor.config, torchNames[dtype])),
    ...layerChanges(rules, donor.config),
    ...vocabularyChanges(rules, donor.config),
    ...headChanges(rules, donor.config),
  };
}

function dtypeChanges(config: ModelConfigJson, name: string): Record<string, unknown> {
  const members = ["dtype", "torch_dtype"].filter((member) => member in config);
  return Object.fromEntries((members.length === 0 ? ["dtype"] : members).map((member) => [member, name]));
}

/** The configuration of the language model, which may be a member of the whole one, and its key there. */
function inText(config: ModelConfigJson, keys: readonly string[]): string | null {
  const own = keys.find((key) => key in config);
  if (own !== undefined) return own;
  const text = config["text_config"];
  if (typeof text !== "object" || text === null) return null;
  const inner = keys.find((key) => key in text);
  return inner === undefined ? null : `text_config.${inner}`;
}

function layerChanges({ config, modelOf, note }: ConfigRules, donor: ModelConfigJson): Record<string, unknown> {
  const [module] = config.modules;
  if (module.isWholeModels) return {};
  if (config.modules.length > 1) {
    note("config.json keeps the donor's numbers of layers: several modules have slices. Check them");
    return {};
  }
  const layers = module.slices.reduce(
    (sum, { sources: [{ layers: range }] }) => sum + (range === null ? 0 : range[1] - range[0]),
    0,
  );
  const key = inText(donor, ["num_hidden_layers", "n_layer", "num_layers", "n_layers"]);
  const changes = { [key ?? "num_hidden_layers"]: layers };
  const types = module.slices.map((slice) => layerTypes(slice, modelOf));
  return "layer_types" in donor && types.every((some) => some !== null)
    ? { ...changes, layer_types: types.flat() }
    : changes;
}

/** The kinds of a slice's layers, which some configurations list. */
function layerTypes({ sources: [{ model, layers }] }: SliceConfig, modelOf: ModelOf): unknown[] | null {
  const types = modelOf(model).config?.["layer_types"];
  return Array.isArray(types) && layers !== null ? types.slice(layers[0], layers[1]) : null;
}

function vocabularyChanges({ vocabularySize }: ConfigRules, donor: ModelConfigJson): Record<string, unknown> {
  return vocabularySize === null ? {} : { [inText(donor, ["vocab_size"]) ?? "vocab_size"]: vocabularySize };
}

function headChanges(
  { tensors, donor, isCompatible, note }: ConfigRules,
  config: ModelConfigJson,
): Record<string, unknown> {
  const head = tensors.find(({ name }) => isHead(name));
  if (head === undefined) return {};
  const isTied = config["tie_word_embeddings"] ?? !donor.tensors.has(head.name);
  if (isTied !== true) return {};
  if (isCompatible) {
    note(
      `${head.name} is written, but config.json keeps tie_word_embeddings of ${donor.label}: transformers may use ` +
        `the embedding as head`,
    );
    return {};
  }
  note(`${head.name} is written, because not all models tie it to the embedding: tie_word_embeddings is set to false`);
  return { tie_word_embeddings: false };
}
