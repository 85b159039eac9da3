import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadRecipe } from "../../src/recipe/load-recipe.js";
import type { Recipe } from "../../src/recipe/recipe.js";
import { isDataJob } from "../../src/run/execute-runs.js";
import type { RunPlan } from "../../src/run/graph/run-graph.js";

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

/** Copies the finished jobs before the strategies' first trainings, so that another run of the plan starts there. */
export function copyPrepared(plan: RunPlan, from: string, to: string): void {
  for (const job of plan.jobs) {
    if (!isDataJob(job) && job.id !== plan.pretrainJob?.id) continue;
    const [source, target] = [from, to].map((store) => join(store, "jobs", job.id));
    if (existsSync(source)) cpSync(source, target, { recursive: true });
  }
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
