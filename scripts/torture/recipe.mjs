import { writeFileSync } from "node:fs";
import { join } from "node:path";

const shape = (layers) =>
  `{ layers: ${layers}, hiddenSize: 16, attentionHeads: 2, keyValueHeads: 1, intermediateSize: 32 }`;
const rounds = (count) => `
  - name: rounds
    windows: [full, full]
    rounds: ${count}
    keepOptimizerState: true
    exchange: int4
    merge: { method: union, outerOptimizer: { learningRate: 0.7, momentum: 0.5 } }`;

/** Every kind of job and of file that a run has: checkpoints, journals, moments, int4 changes, momentum, snapshots. */
const wholeRecipe = `
name: torture
holdOut: 0.1
data:
  stories: { synthetic: stories, documents: 120 }
  problems: { synthetic: problems, documents: 240 }
tokenizer: { train: { data: [stories, problems], vocabSize: 300 } }
model:
  pretrain:
    shape: ${shape(4)}
    data: [stories]
    training: { sequenceLength: 32, batchSize: 4, amount: { steps: 40 }, checkpointSteps: 5 }
training: { data: [problems], sequenceLength: 32, batchSize: 4, amount: { steps: 200 }, checkpointSteps: 5 }
shards: 2
strategies:
  - vanilla
  - { name: halves, windows: ["0-1", "2-3"], merge: { method: union } }${rounds(3)}
baselines: [vanilla]
evaluateAt: []
evaluation:
  - { name: loss, kind: loss, data: problems, documents: 10 }
  - { name: answers, task: gsm8k, data: problems, fewShot: 0, limit: 4, maxTokens: 8 }
machine: { threads: 1, parallel: 2 }
`;

/** Of the short form: rounds alone. */
const shortRecipe = `
name: torture
holdOut: 0.1
data:
  problems: { synthetic: problems, documents: 160 }
tokenizer: { train: { data: [problems], vocabSize: 280 } }
model: { random: ${shape(2)} }
training: { data: [problems], sequenceLength: 32, batchSize: 4, amount: { steps: 60 }, checkpointSteps: 5 }
shards: 2
strategies:${rounds(2)}
baselines: []
evaluateAt: []
evaluation:
  - { name: loss, kind: loss, data: problems, documents: 4 }
  - { name: answers, task: gsm8k, data: problems, fewShot: 0, limit: 2, maxTokens: 4 }
machine: { threads: 1, parallel: 2 }
`;

/** @returns the path of the recipe */
export function writeRecipe(folder, isShort) {
  const path = join(folder, "torture.yaml");
  writeFileSync(path, isShort ? shortRecipe : wholeRecipe);
  return path;
}
