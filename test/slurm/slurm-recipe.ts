import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputsOf } from "../run/small-recipe.js";

/** Few levels of jobs, because each takes a second or two in Slurm. */
const text = `
name: tiny
data: { stories: { synthetic: stories, documents: 300 } }
tokenizer: { train: { data: stories, vocabSize: 300 } }
model: { random: { layers: 2, hiddenSize: 16, attentionHeads: 2, keyValueHeads: 1, intermediateSize: 32 } }
training: { sequenceLength: 32, batchSize: 4, amount: { steps: 800 }, checkpointSteps: 20 }
strategies: [slerp-1]
baselines: [vanilla]
evaluateAt: []
evaluation: [{ name: loss, kind: loss, data: stories, documents: 5 }]
machine: { threads: 1, parallel: 2 }
`;

export function writeSlurmRecipe(folder: string): string {
  const path = join(folder, "tiny.yaml");
  writeFileSync(path, text);
  return path;
}

/** Names and hashes of what all jobs of a store have written. */
export const allOutputs = (runs: string) => outputsOf(runs, readdirSync(join(runs, "jobs")));
