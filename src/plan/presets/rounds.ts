import { fullWindow, windowOfLayers, windowOver, type Window } from "../../model/config/window.js";
import { randomInteger, randomKey } from "../../tensor/random.js";
import type { StrategyPreset, Windows } from "./preset.js";

/** Every worker trains everything. */
const everything: Windows = ({ layers, workers }) => Array.from({ length: workers }, () => fullWindow(layers));

/** One worker trains everything on all data. */
const serial: Windows = ({ layers }) => [fullWindow(layers)];

/** Equal slices of the layers; the top one has the embeddings. */
const slices: Windows = ({ layers, workers }) =>
  Array.from({ length: workers }, (_, worker) => {
    const first = Math.min(layers - 1, Math.round((layers * worker) / workers));
    const end = Math.max(first + 1, Math.round((layers * (worker + 1)) / workers));
    return { ...windowOver(first, end, layers), embeddings: worker === workers - 1 };
  });

/**
 * Half of the layers for each worker, drawn for each round: of two neighbouring layers, one of two neighbouring
 * workers trains the first and the other the second, so that each layer has half of the workers as owners. All train
 * the embeddings.
 */
const halves: Windows = ({ layers, workers }, round) =>
  Array.from({ length: workers }, (_, worker): Window => {
    const key = randomKey(round, `halves of workers ${worker >> 1}`);
    const isOwn = (layer: number) => randomInteger(key, layer >> 1, 2) === (layer + worker) % 2;
    const own = Array.from({ length: layers }, (_unused, layer) => layer).filter(isOwn);
    return own.length > 0 ? windowOfLayers(own, true) : { first: 0, end: 0, embeddings: true };
  });

/** Half of vanilla's batch, so that a worker takes more steps. */
const smallBatch = (batchSize: number) => Math.max(1, Math.floor(batchSize / 2));

/** Strategies of several rounds; docs/method.md says where their numbers come from. */
export const roundPresets: Readonly<Record<string, StrategyPreset>> = {
  diloco: {
    description: "Workers train everything; after each of 16 rounds an outer Nesterov step on their mean change.",
    workers: null,
    template: ({ batchSize }) => ({
      windows: everything,
      rounds: 16,
      merge: { method: "union", outerOptimizer: { method: "nesterov", learningRate: 0.7, momentum: 0.7 } },
      training: { batchSize: smallBatch(batchSize) },
    }),
  },
  muloco: {
    description:
      "As `diloco`, with Muon of blocks of rows at four times the recipe's learning rate and twice its batch, and a " +
      "gentler outer step.",
    workers: null,
    template: ({ batchSize, learningRate }) => ({
      windows: everything,
      rounds: 16,
      merge: { method: "union", outerOptimizer: { method: "nesterov", learningRate: 0.8, momentum: 0.4 } },
      training: {
        optimizer: "muon",
        muonBlockRows: 32,
        batchSize: 2 * batchSize,
        learningRate: 4 * learningRate,
      },
    }),
  },
  "one-shot": {
    description:
      "Workers train everything without exchange and average their last steps; then one merge with a search of λ.",
    workers: null,
    template: ({ batchSize }) => ({
      windows: everything,
      rounds: 1,
      merge: { method: "union", lambda: { search: { documents: 64, groups: false } } },
      training: { batchSize: smallBatch(batchSize), tailAverage: 0.2 },
    }),
  },
  "rotating-windows": {
    description: "Each worker trains one slice of the layers, another one in each of 16 rounds; no averaging.",
    workers: null,
    template: () => ({
      windows: slices,
      rounds: 16,
      rotate: true,
      keepOptimizerState: false,
      merge: { method: "union" },
    }),
  },
  "random-half": {
    description: "Each worker trains half of the layers, drawn for each of 16 rounds; the mean over their owners.",
    workers: null,
    template: () => ({ windows: halves, rounds: 16, keepOptimizerState: false, merge: { method: "union" } }),
  },
  sandwich: {
    description: "Ordinary training for 2 % of the data, 16 rounds as in `diloco`, ordinary training for 2 %.",
    workers: null,
    template: ({ batchSize }) => ({
      windows: everything,
      rounds: [
        { repeat: 1, share: 2, windows: serial, training: { batchSize } },
        { repeat: 16, share: 6 },
        { repeat: 1, share: 2, windows: serial, training: { batchSize } },
      ],
      training: { batchSize: smallBatch(batchSize) },
      merge: { method: "union", outerOptimizer: { method: "nesterov", learningRate: 0.7, momentum: 0.7 } },
    }),
  },
};
