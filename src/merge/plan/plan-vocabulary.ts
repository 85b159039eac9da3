import type { MergeConfig } from "../config/merge-config.js";
import { formatModelReference, type ModelReference } from "../config/model-reference.js";
import type { FolderOf, InputModel } from "../inputs/open-model.js";
import { formatShape, type InputTensor } from "../inputs/input-tensor.js";
import { mergeError } from "../merge-error.js";
import type { GatheredInput } from "./gather-inputs.js";
import { sizeOf, unionOf, withTexts, type MergedVocabulary } from "./merge-vocabularies.js";
import { readVocabulary, type Vocabulary } from "../inputs/read-vocabulary.js";
import { reindexedTensor } from "./reindexed-tensor.js";
import { chooseRows, type OwnRows } from "./token-rows.js";

/** The tokenizer that a configuration asks for. */
export interface PlannedVocabulary {
  /** Whose tokenizer files are copied. */
  readonly folder: string;
  /** The added tokens of tokenizer.json, if they are not those of the copied file. */
  readonly addedTokens: readonly unknown[] | null;
  /** Rows of embeddings. */
  readonly size: number;
  reindex(inputs: readonly GatheredInput[], base: InputModel | null): readonly GatheredInput[];
}

export interface VocabularyRules {
  readonly config: MergeConfig;
  readonly models: readonly InputModel[];
  readonly donor: InputModel;
  readonly folderOf: FolderOf;
  note(text: string): void;
}

/** Reads all vocabularies and merges them. @returns null if the configuration asks for no tokenizer */
export function planVocabulary(rules: VocabularyRules): PlannedVocabulary | null {
  const { config, models, donor, folderOf } = rules;
  const setting = config.tokenizer;
  if (setting === null) return null;
  const read = new Map<InputModel, Vocabulary>();
  const vocabularyOf = (model: InputModel): Vocabulary => {
    const known = read.get(model) ?? readVocabulary(model.folder);
    read.set(model, known);
    return known;
  };
  const folder =
    typeof setting.source === "string" ? donor.folder : folderOf(setting.source.path, setting.source.revision);
  const source = folder === donor.folder ? vocabularyOf(donor) : readVocabulary(folder);
  const inOrder = [donor, ...models.filter((model) => model !== donor)];
  const merged = withNewTokens(
    setting.source === "union"
      ? unionOf(
          source,
          inOrder.map((model) => ({ vocabulary: vocabularyOf(model), size: rowsOf(model, vocabularyOf(model)) })),
        )
      : withTexts(source, []),
    source,
    setting.tokens.keys(),
  );
  const tokens = sizeOf(merged.ids);
  const multiple = setting.padToMultipleOf ?? 1;
  const size = Math.ceil(tokens / multiple) * multiple;
  const own: OwnRows = new Map(
    models.map((model) => [model, ownRows(merged, vocabularyOf(model), model, tokens, rules)]),
  );
  rules.note(`the tokenizer has ${tokens} tokens, so embeddings have ${size} rows: ${sizesText(models, vocabularyOf)}`);
  const byLabel = new Map(models.map((model) => [model.label, model]));
  const tokenRules = {
    config,
    ids: merged.ids,
    size: tokens,
    own,
    idsOf: (model: InputModel) => vocabularyOf(model).ids,
    modelOf: (label: string) => byLabel.get(label),
  };
  return {
    folder,
    size,
    addedTokens: merged.hasNewTokens ? merged.added : null,
    reindex(inputs, base) {
      checkWidths(inputs);
      const tensors = new Map<InputModel, InputTensor>(inputs.map(({ model, tensor }) => [model, tensor]));
      const rows = chooseRows(tokenRules, [...tensors.keys()], base !== null && tensors.has(base) ? base : null);
      const tensorOf = (model: InputModel) => tensors.get(model) ?? noTensor(model);
      return inputs.map(({ model, tensor }) => {
        const ownOf = own.get(model) as Int32Array;
        return { model, tensor: reindexedTensor(tensor, { own: ownOf, rows, tokens, size, tensorOf }) };
      });
    },
  };
}

/** The paths of models that only the tokenizer of a configuration names. */
export function tokenizerReferences({ tokenizer }: MergeConfig): readonly ModelReference[] {
  return tokenizer === null || typeof tokenizer.source === "string" ? [] : [tokenizer.source];
}

function withNewTokens(merged: MergedVocabulary, source: Vocabulary, texts: Iterable<string>): MergedVocabulary {
  const more = withTexts({ ...source, ids: merged.ids, added: merged.added }, texts);
  return { ...more, hasNewTokens: merged.hasNewTokens || more.hasNewTokens };
}

/** Ids below this have rows in a model's embedding. */
function rowsOf(model: InputModel, { ids }: Vocabulary): number {
  const size = model.config?.["vocab_size"];
  return typeof size === "number" ? size : sizeOf(ids);
}

function ownRows(
  merged: MergedVocabulary,
  vocabulary: Vocabulary,
  model: InputModel,
  tokens: number,
  { note }: VocabularyRules,
): Int32Array {
  const rows = new Int32Array(tokens).fill(-1);
  const limit = rowsOf(model, vocabulary);
  let beyond = 0;
  for (const [token, id] of merged.ids) {
    const own = vocabulary.ids.get(token);
    if (own !== undefined && own < limit) rows[id] = own;
    else if (own !== undefined) beyond++;
  }
  if (beyond > 0)
    note(`${model.label} has ${beyond} tokens beyond its vocab_size of ${limit}: they count as tokens that it lacks`);
  return rows;
}

function sizesText(models: readonly InputModel[], vocabularyOf: (model: InputModel) => Vocabulary): string {
  return models.map((model) => `${model.label} has ${vocabularyOf(model).ids.size}`).join(", ");
}

function checkWidths(inputs: readonly GatheredInput[]): void {
  const [first, ...others] = inputs;
  const other = others.find(({ tensor }) => tensor.shape[1] !== first.tensor.shape[1]);
  if (other === undefined) return;
  const hint = "Models of different sizes cannot be merged.";
  throw mergeError(
    other.tensor.where,
    `rows of ${first.tensor.shape[1]} elements as in ${first.model.label}`,
    formatShape(other.tensor.shape),
    hint,
  );
}

function noTensor(model: InputModel): never {
  throw mergeError(
    formatModelReference(model.reference),
    "a model of this tensor",
    "a token's source without the tensor",
    "Name a model that is merged there.",
  );
}
