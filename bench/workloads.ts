/** The works that are compared, with their data, which is drawn from fixed seeds. */
import type { Window } from "#strata/model/config/window.js";
import { randomInteger, randomKey } from "#strata/tensor/random.js";
import { defaultMicroBatch } from "#strata/train/micro-batch.js";
import type { TrainingSettings } from "#strata/train/settings.js";
import { modelFolder } from "./model-folder.js";
import { sizes, type Size, type SizeName } from "./sizes.js";
import type { GenerationWork, MatmulWork, ScoringRequest, ScoringWork, TrainingWork } from "./work.js";

export function matmulWork(dtype: MatmulWork["dtype"]): MatmulWork {
  return { kind: "matmul", size: 2048, dtype };
}

export function wholeWindow({ config }: Size): Window {
  return { first: 0, end: config.layers, embeddings: true };
}

export async function trainingWork(size: Size, window: Window): Promise<TrainingWork> {
  const { B, T, config } = size;
  const folder = await modelFolder(size.name, config, size.stored);
  const settings: TrainingSettings = {
    sequenceLength: T,
    batchSize: B,
    microBatchSize: defaultMicroBatch(B, T),
    learningRate: 1e-4,
    schedule: "constant",
    warmup: 0,
    decay: 0,
    finalLearningRate: 1,
    optimizer: "adamw",
    weightDecay: 0.1,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    momentum: 0.95,
    muonScaling: "match-rms-adamw",
    muonBlockRows: null,
    maxGradNorm: 1,
    tailAverage: 0,
  };
  const draw = drawIds("training", config.vocabSize);
  const sequences = Array.from({ length: B }, () => draw(T + 1));
  return {
    kind: "training",
    folder,
    window,
    B,
    T,
    settings,
    offload: false,
    frozen: !(window.embeddings && window.first === 0 && window.end === config.layers),
    ids: sequences.flatMap((ids) => ids.slice(0, -1)),
    targets: sequences.flatMap((ids) => ids.slice(1)),
  };
}

/** 64 questions of 60 to 200 tokens with four continuations of 5 to 40. */
export async function scoringWork(name: SizeName): Promise<ScoringWork> {
  const { config, T } = sizes[name];
  const draw = drawIds("scoring", config.vocabSize);
  const key = randomKey(1, "scoring lengths");
  const choicesPerItem = 4;
  const requests = Array.from({ length: 64 }, (_, item): ScoringRequest[] => {
    const context = draw(60 + randomInteger(key, 5 * item, 141));
    return Array.from({ length: choicesPerItem }, (_, choice) => [
      context,
      draw(5 + randomInteger(key, 5 * item + 1 + choice, 36)),
    ]);
  }).flat();
  return { kind: "scoring", ...(await bothFolders(name)), sequenceLength: T, choicesPerItem, requests };
}

/** 8 prompts of 64 tokens, each continued by 128. */
export async function generationWork(name: SizeName): Promise<GenerationWork> {
  const draw = drawIds("generation", sizes[name].config.vocabSize);
  return {
    kind: "generation",
    ...(await bothFolders(name)),
    prompts: Array.from({ length: 8 }, () => draw(64)),
    count: 128,
  };
}

async function bothFolders(name: SizeName) {
  const { config } = sizes[name];
  return { folder: await modelFolder(name, config, "f32"), bf16Folder: await modelFolder(name, config, "bf16") };
}

/** Each call draws the next ids of the stream. */
function drawIds(stream: string, vocabSize: number): (count: number) => number[] {
  const key = randomKey(1, `benchmark ${stream}`);
  let next = 0;
  return (count) => Array.from({ length: count }, () => randomInteger(key, next++, vocabSize));
}
