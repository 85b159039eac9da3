import { join } from "node:path";
import type { Batch } from "../../src/model/layers/batch.js";
import { plainLlama } from "../../src/model/config/architecture.js";
import type { ModelConfig } from "../../src/model/config/model-config.js";
import { initialValues, writeInitialModel } from "../../src/model/files/initialize.js";
import { openModelFolder, type ModelFolder } from "../../src/model/files/model-folder.js";
import { parameters } from "../../src/model/config/parameters.js";
import { encodeFloats, type DType } from "../../src/tensor/dtype.js";
import { randomInteger, randomKey } from "../../src/tensor/random.js";
import { writeSafetensors } from "../../src/tensor/write-safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";

/** A Llama small enough for central differences, with grouped heads. */
export const picoConfig: ModelConfig = {
  ...plainLlama,
  vocabSize: 11,
  hiddenSize: 8,
  layers: 3,
  attentionHeads: 4,
  keyValueHeads: 2,
  headDim: 4,
  intermediateSize: 12,
  rmsNormEps: 1e-5,
  ropeTheta: 10000,
  tieWordEmbeddings: true,
  maxPositions: 64,
  bosId: 0,
  eosIds: [1],
};

/** Random weights as large as trained ones: with initial weights many gradients vanish in rounding. */
export async function picoModel(config: ModelConfig, seed = 1, dtype: DType = "f32"): Promise<ModelFolder> {
  const folder = join(temporaryFolder(), "model");
  await writeInitialModel(folder, config, seed);
  const table = parameters(config);
  await writeSafetensors(
    join(folder, "model.safetensors"),
    table.map(({ name, shape }) => ({ name, shape, dtype })),
    function* ({ name }) {
      const parameter = table.find((candidate) => candidate.name === name)!;
      yield encodeFloats(
        initialValues(parameter, seed).map((value) => (parameter.decay ? 12 * value : value)),
        dtype,
      );
    },
  );
  return openModelFolder(folder);
}

/** Random ids; the second half of each sequence is a second document, and one target per sequence is masked. */
export function randomBatch(config: ModelConfig, B: number, T: number): Batch {
  const key = randomKey(7, "batch");
  const draw = (offset: number) => (_: unknown, n: number) => randomInteger(key, offset + n, config.vocabSize);
  const targets = Int32Array.from({ length: B * T }, draw(1000));
  for (let b = 0; b < B; b++) targets[b * T + Math.floor(T / 2) - 1] = -1;
  const firstVisible = Int32Array.from({ length: B * T }, (_, n) =>
    n % T >= Math.floor(T / 2) ? Math.floor(T / 2) : 0,
  );
  return { B, T, ids: Int32Array.from({ length: B * T }, draw(0)), targets, firstVisible };
}
