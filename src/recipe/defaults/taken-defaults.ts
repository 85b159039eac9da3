import type { Recipe, ShapeRecipe, TrainingRecipe } from "../recipe.js";
import type { WrittenRecipe } from "../schema/recipe.js";
import { plural } from "../../text/plural.js";

/** A part of a recipe that was derived from other keys. */
export interface TakenDefault {
  readonly key: "model" | "tokenizer" | "training" | "evaluation";
  /** A description for users. */
  readonly text: string;
}

/** By recipe, so that recipes stay plain data. */
const taken = new WeakMap<Recipe, readonly TakenDefault[]>();

export function rememberDefaults(recipe: Recipe, defaults: readonly TakenDefault[]): void {
  taken.set(recipe, defaults);
}

/** The defaults that a loaded recipe takes; empty if it sets everything. */
export function takenDefaults(recipe: Recipe): readonly TakenDefault[] {
  return taken.get(recipe) ?? [];
}

export function describeDefaults(written: WrittenRecipe, { model, tokenizer, training, evaluation }: Recipe) {
  const defaults: TakenDefault[] = [];
  if (
    "random" in model &&
    ("depth" in written.model || ("random" in written.model && "depth" in written.model.random))
  ) {
    defaults.push({ key: "model", text: shapeText(model.random) });
  }
  if ("pretrain" in model && "pretrain" in written.model && "depth" in written.model.pretrain.shape) {
    defaults.push({ key: "model", text: shapeText(model.pretrain.shape) });
  }
  if (tokenizer && "train" in tokenizer && !written.tokenizer) {
    const { vocabSize, data } = tokenizer.train;
    defaults.push({ key: "tokenizer", text: `byte-level BPE with ${vocabSize} tokens, trained on ${data.join(", ")}` });
  }
  if (!written.training.data) defaults.push({ key: "training", text: trainingText(training) });
  if (!written.evaluation) {
    const names = evaluation.flatMap(({ data }) => data).join(", ");
    const text = names === "" ? "none: no held-out documents" : `loss on the held-out documents of ${names}`;
    defaults.push({ key: "evaluation", text });
  }
  return defaults;
}

function shapeText({ layers, hiddenSize, attentionHeads, headDim, intermediateSize }: ShapeRecipe): string {
  const depth = plural(layers, "layer");
  return (
    `${depth}, hidden size ${hiddenSize}, ${attentionHeads} heads of dimension ${headDim}, ` +
    `intermediate size ${intermediateSize}`
  );
}

function trainingText(training: TrainingRecipe & { readonly data: readonly string[] }): string {
  const { data, batchSize, sequenceLength, learningRate } = training;
  const [[unit, amount]] = Object.entries(training.amount) as [[string, number]];
  const duration = `${amount} ${amount === 1 ? unit.slice(0, -1) : unit}`;
  return (
    `on ${data.join(", ")}: ${duration}, ${batchSize} sequences of ${sequenceLength} tokens per step, ` +
    `learning rate ${learningRate}`
  );
}
