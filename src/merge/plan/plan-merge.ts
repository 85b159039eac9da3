import type { MergeConfig } from "../config/merge-config.js";
import { formatModelReference, type ModelPath, type ModelReference } from "../config/model-reference.js";
import type { FileReader } from "../inputs/file-reader.js";
import { openInputModel, type FolderOf, type InputModel } from "../inputs/open-model.js";
import { mergeError } from "../merge-error.js";
import { resolveChatTemplate } from "../output/chat-template.js";
import { architectureOf, baseReference, checkArchitectures, checkMethodInputs } from "./check-inputs.js";
import { configChanges } from "./config-changes.js";
import { expandWeights, type Weight } from "./expand-weights.js";
import type { MergePlan, PlannedTensor } from "./merge-plan.js";
import { mergeOrder } from "./order/merge-order.js";
import { plannedOrder } from "./order/planned-order.js";
import { planShards } from "./plan-shards.js";
import { checkTensor } from "./check-tensor.js";
import { earlierMerges, type EarlierMerges } from "./earlier/earlier-merges.js";
import { planVocabulary, tokenizerReferences } from "./plan-vocabulary.js";
import { planTensor, type TensorRules } from "./plan-tensor.js";

export interface PlanOptions {
  readonly folderOf: FolderOf;
  readonly files: FileReader;
  readonly isCompatible: boolean;
  readonly seed: number;
  /** Bytes per file of the output; 0: no limit. */
  readonly shardBytes: number;
  readonly allowsMixedArchitectures: boolean;
  readonly copiesTokenizer: boolean;
  readonly writesModelCard: boolean;
}

/** Opens all models and checks everything that can be checked before a weight is read. @throws StrataError */
export function planMerge(config: MergeConfig, options: PlanOptions): MergePlan {
  const earlier = earlierMerges(config, (part, others) => planDocument(part, options, others));
  const plan = planDocument(config, options, earlier);
  earlier.checkUsed();
  return plan;
}

function planDocument(config: MergeConfig, options: PlanOptions, earlier: EarlierMerges): MergePlan {
  const { isCompatible, seed, shardBytes, copiesTokenizer, writesModelCard } = options;
  checkMethodInputs(config);
  const models = openModels(config, options, earlier);
  const modelOf = (reference: ModelReference) => models.get(formatModelReference(reference)) as InputModel;
  if (!options.allowsMixedArchitectures) checkArchitectures([...models.values()]);
  const donor = modelOf(donorReference(config));
  const notes = new Set(config.notes);
  const note = (text: string) => void notes.add(text);
  const baseOf = (weight: Weight) => {
    const reference = baseReference(config, weight.slice);
    return reference === null ? null : modelOf(reference);
  };
  const all = [...models.values()];
  const folderOf: FolderOf = (path, revision) =>
    earlier.modelOf({ path, revision, lora: null })?.folder ?? options.folderOf(path, revision);
  const vocabulary = planVocabulary({ config, models: all, donor, folderOf, note });
  const chatTemplate = resolveChatTemplate(config, all);
  const rules: TensorRules = { config, donor, isCompatible, note, baseOf, reindex: vocabulary?.reindex ?? null };
  const weights = expandWeights(config, modelOf, note);
  const planned = weights.map((weight) => planTensor(weight, rules)).filter((tensor) => tensor !== null);
  const tensors = planned.sort(byName);
  checkUnique(config, tensors);
  for (const tensor of tensors) checkTensor(tensor, config, isCompatible);
  const changes = configChanges({ ...rules, tensors, vocabularySize: vocabulary?.size ?? null, modelOf });
  return {
    config,
    models: all,
    donor,
    tensors,
    sequence: mergeOrder(plannedOrder(tensors, architectureOf(donor))),
    shards: planShards(tensors, shardBytes),
    totalBytes: tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
    configChanges: { ...donor.configChanges, ...changes },
    vocabulary,
    chatTemplate,
    files: options.files,
    isCompatible,
    seed,
    copiesTokenizer,
    writesModelCard,
    notes: [...notes],
  };
}

function byName(a: PlannedTensor, b: PlannedTensor): number {
  return a.name < b.name ? -1 : 1;
}

/** All models that a document merges, once each. */
function mergedReferences(config: MergeConfig): readonly ModelReference[] {
  const slices = config.modules.flatMap((module) => module.slices);
  const bases = [...slices.map(({ baseModel }) => baseModel), config.baseModel].filter((base) => base !== null);
  const all = [...slices.flatMap(({ sources }) => sources.map(({ model }) => model)), ...bases];
  return [...new Map(all.map((reference) => [formatModelReference(reference), reference])).values()];
}

/** All paths of models and adapters that the documents of the configuration name, but for each other's results. */
export function referencedPaths(config: MergeConfig): readonly ModelPath[] {
  const { earlier } = config;
  return [config, ...earlier.values()]
    .flatMap((document) => [...mergedReferences(document), ...tokenizerReferences(document)])
    .flatMap(({ lora, ...path }) => (lora === null ? [path] : [path, lora]))
    .filter(({ path, revision }) => revision !== null || !earlier.has(path));
}

function openModels(
  config: MergeConfig,
  { folderOf, files }: PlanOptions,
  earlier: EarlierMerges,
): ReadonlyMap<string, InputModel> {
  const open = (reference: ModelReference) => openInputModel(reference, folderOf, files, earlier.modelOf(reference));
  return new Map(mergedReferences(config).map((reference) => [formatModelReference(reference), open(reference)]));
}

function donorReference({ baseModel, modules }: MergeConfig): ModelReference {
  return baseModel ?? modules[0].slices[0].sources[0].model;
}

/** Several modules may claim the same name. */
function checkUnique({ file }: MergeConfig, sorted: readonly PlannedTensor[]): void {
  if (sorted.length === 0) throw mergeError(file, "at least one tensor to merge", "none", "Check the models.");
  const twice = sorted.find(({ name }, i) => name === sorted[i + 1]?.name);
  if (twice === undefined) return;
  throw mergeError(
    `${file} ${twice.name}`,
    "each tensor once",
    "this one from two modules",
    "Give each stack of layers to one module.",
  );
}
