import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A search in seconds: a random pico model, two workers. @param search  its definition, as YAML in one line */
export function writeSearchRecipe(folder: string, search: string, name = "found"): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(
    path,
    `
name: ${name}
holdOut: 0.1
data:
  problems: { synthetic: problems, documents: 120 }
tokenizer: { train: { data: [problems], vocabSize: 300 } }
model:
  random: { layers: 2, hiddenSize: 16, attentionHeads: 2, keyValueHeads: 1, intermediateSize: 32 }
training: { sequenceLength: 32, batchSize: 4, learningRate: 5.0e-3, amount: { steps: 12 } }
shards: 2
baselines: [vanilla]
strategies:
  - { name: both, windows: [full, full], merge: { method: union } }
evaluation:
  - { name: loss, kind: loss, data: problems, documents: 4 }
evaluateAt: []
machine: { threads: 1, parallel: 2 }
search: ${search}
`,
  );
  return path;
}
