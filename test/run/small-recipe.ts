import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadRecipe } from "../../src/recipe/load-recipe.js";
import type { Recipe } from "../../src/recipe/recipe.js";

/** The whole pipeline in seconds: a pico model, four parts of each strategy. */
const text = `
name: pico
holdOut: 0.1
data:
  stories: { synthetic: stories, documents: 120 }
  problems: { synthetic: problems, documents: 240 }
tokenizer: { train: { data: [stories, problems], vocabSize: 300 } }
model:
  pretrain:
    shape: { layers: 4, hiddenSize: 16, attentionHeads: 2, keyValueHeads: 1, intermediateSize: 32 }
    data: [stories]
    training: { sequenceLength: 32, batchSize: 4, amount: { steps: 10 }, checkpointSteps: 3 }
training:
  data: [problems]
  sequenceLength: 32
  batchSize: 4
  amount: { steps: 40 }
  checkpointSteps: 2
strategies:
  - vanilla
  - slerp-1
  - { name: rounds, windows: [full, full, full, full], rounds: 2, merge: { method: union, outerOptimizer: { learningRate: 0.7, momentum: 0.5 } } }
evaluation:
  - { name: loss, kind: loss, data: problems, documents: 10 }
  - { name: answers, task: gsm8k, data: problems, fewShot: 0, limit: 4, maxTokens: 8 }
machine: { threads: 1, parallel: 2 }
`;

export function writeSmallRecipe(folder: string): string {
  const path = join(folder, "pico.yaml");
  writeFileSync(path, text);
  return path;
}

export function smallRecipe(folder: string, overrides: readonly string[] = []): Promise<Recipe> {
  return loadRecipe(writeSmallRecipe(folder), overrides);
}

/** Names and hashes of everything that the finished jobs of a store have written. */
export function outputsOf(store: string, ids: readonly string[]): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const id of ids) {
    const done = JSON.parse(readFileSync(join(store, "jobs", id, "done.json"), "utf8")) as {
      outputs: Record<string, { sha256: string }>;
    };
    for (const [name, { sha256 }] of Object.entries(done.outputs)) outputs[`${id}/${name}`] = sha256;
  }
  return outputs;
}
