import type { MergeMethod } from "../core/method.js";
import { formatShape, sameShape } from "../inputs/input-tensor.js";
import type { InputModel } from "../inputs/open-model.js";
import { mergeError } from "../merge-error.js";
import type { GatheredInput } from "./gather-inputs.js";
import { hasTokenRows } from "./tensor-roles.js";
import { croppedTensor, repeatedRow } from "./tensor-views.js";

export interface ShapeRules {
  readonly method: MergeMethod;
  /** The base or the first model. */
  readonly reference: InputModel;
  readonly isCompatible: boolean;
  note(text: string): void;
}

/**
 * Inputs of one shape. Other shapes are errors; with `isCompatible`, embeddings are cropped and models are skipped
 * where
 * upstream does so.
 */
export function fitShapes(name: string, inputs: readonly GatheredInput[], rules: ShapeRules): readonly GatheredInput[] {
  const reference = inputs.find(({ model }) => model === rules.reference) ?? inputs[0];
  const { shape } = reference.tensor;
  const other = inputs.find(({ tensor }) => !sameShape(tensor.shape, shape));
  if (other === undefined) return inputs;
  const isEmbedding = inputs.every(({ model, tensor }) =>
    hasTokenRows(name, tensor.shape, model.config?.["vocab_size"]),
  );
  const { croppedTo } = rules.method;
  if (!rules.isCompatible || croppedTo === undefined) throw mismatch(name, reference, other, isEmbedding, rules);
  if (!isEmbedding) {
    if (croppedTo === "common") throw mismatch(name, reference, other, false, rules);
    const kept = inputs.filter(({ tensor }) => sameShape(tensor.shape, shape));
    const skipped = inputs.filter((input) => !kept.includes(input));
    for (const { model, tensor } of skipped) {
      rules.note(
        `${name}: ${model.label} is skipped, because its shape is ${formatShape(tensor.shape)} instead of ` +
          `${formatShape(shape)}`,
      );
    }
    return kept;
  }
  if (croppedTo === "base") return inputs.map((input) => cropToBase(name, input, reference, rules));
  const [rows, columns] = [0, 1].map((axis) => Math.min(...inputs.map(({ tensor }) => tensor.shape[axis])));
  rules.note(`${name} is cropped to ${formatShape([rows, columns])}, which all models have: ${sizes(inputs)}`);
  return inputs.map((input) => crop(input, rows, columns));
}

function sizes(inputs: readonly GatheredInput[]): string {
  return inputs.map(({ model, tensor }) => `${model.label} ${formatShape(tensor.shape)}`).join(", ");
}

function crop(input: GatheredInput, rows: number, columns: number): GatheredInput {
  return sameShape(input.tensor.shape, [rows, columns])
    ? input
    : { ...input, tensor: croppedTensor(input.tensor, rows, columns) };
}

function cropToBase(name: string, input: GatheredInput, base: GatheredInput, rules: ShapeRules): GatheredInput {
  const [rows, columns] = base.tensor.shape;
  const [ownRows, ownColumns] = input.tensor.shape;
  if (sameShape(input.tensor.shape, base.tensor.shape)) return input;
  if (ownColumns < columns || (ownRows < rows && ownRows !== 1)) throw mismatch(name, base, input, true, rules);
  rules.note(
    `${name} of ${input.model.label} is cropped to the base's ${formatShape(base.tensor.shape)}: ${sizes([input])}`,
  );
  return ownRows < rows
    ? { ...input, tensor: repeatedRow(crop(input, 1, columns).tensor, rows) }
    : crop(input, rows, columns);
}

function mismatch(
  name: string,
  reference: GatheredInput,
  other: GatheredInput,
  isEmbedding: boolean,
  { method, isCompatible }: ShapeRules,
) {
  const [wanted, got] = [reference, other].map(({ tensor }) => formatShape(tensor.shape));
  const isVocabulary = isEmbedding && reference.tensor.shape[1] === other.tensor.shape[1];
  const what = isVocabulary ? `a vocabulary of ${reference.tensor.shape[0]} rows, ${wanted},` : `shape ${wanted}`;
  const hint = isVocabulary
    ? `The models have different vocabularies: add \`tokenizer_source: union\` (or base) to merge tokens by their text${
        isCompatible || method.croppedTo === undefined ? "" : ", or --mergekit-compat to crop the larger one"
      }.`
    : `Models of different sizes cannot be merged${
        isCompatible || method.croppedTo !== "base"
          ? ""
          : "; --mergekit-compat skips the model for this tensor, as mergekit does"
      }.`;
  const where = `${other.model.folder} ${name}`;
  return mergeError(
    where,
    `${what} as in ${reference.model.label}`,
    isVocabulary ? `${other.tensor.shape[0]} rows, ${got}` : got,
    hint,
  );
}
