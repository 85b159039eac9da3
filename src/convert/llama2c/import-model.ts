import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { fileError, writeJsonAtomic } from "../../files/atomic-file.js";
import { refuseLfsPointerFile } from "../../files/lfs-pointer.js";
import { StrataError } from "../../errors/strata-error.js";
import { writeShardedSafetensors } from "../../tensor/safetensors-shards.js";
import { plainLlama } from "../../model/config/architecture.js";
import { formatConfig, type ModelConfig } from "../../model/config/model-config.js";
import { embeddingName, finalNormName, layerNames, parameters } from "../../model/config/parameters.js";

const headerBytes = 28;

/** A tensor's position in the file, in floats after the header; `heads` only for a query or key, which is reordered. */
interface TensorRange {
  readonly offset: number;
  readonly length: number;
  readonly heads: number | null;
}

/**
 * Converts a llama2.c model (version 0: seven i32, then f32 tensors) to a Hugging Face folder.
 *
 * @throws StrataError if the header is invalid, or the file is smaller than it implies
 * @see https://github.com/karpathy/llama2.c
 */
export async function importLlama2c(path: string, folder: string): Promise<ModelConfig> {
  const config = readHeader(path);
  const ranges = tensorRanges(config);
  const floats = [...ranges.values()].reduce((end, { offset, length }) => Math.max(end, offset + length), 0);
  const size = statSync(path).size;
  // With a tied head, the file ends with RoPE tables, which are not read.
  if (size < headerBytes + 4 * floats) throw wrongFile(path, `${headerBytes + 4 * floats} bytes`, `${size}`);
  createFolder(folder);
  const entries = parameters(config).map(({ name, shape }) => ({ name, shape, dtype: "f32" as const }));
  const descriptor = openSync(path, "r");
  try {
    await writeShardedSafetensors(folder, entries, function* ({ name }) {
      const range = ranges.get(name) as TensorRange;
      const bytes = new Uint8Array(4 * range.length);
      for (let at = 0; at < bytes.length;) {
        const count = readSync(descriptor, bytes, at, bytes.length - at, headerBytes + 4 * range.offset + at);
        if (count === 0) throw wrongFile(path, `all bytes of ${name}`, "the end of the file");
        at += count;
      }
      yield range.heads === null ? bytes : halfSplit(bytes, range.heads, config);
    });
  } finally {
    closeSync(descriptor);
  }
  writeJsonAtomic(join(folder, "config.json"), formatConfig(config, "f32"));
  return config;
}

function readHeader(path: string): ModelConfig {
  refuseLfsPointerFile(path);
  const header = Buffer.alloc(headerBytes);
  try {
    const descriptor = openSync(path, "r");
    const count = readSync(descriptor, header, 0, headerBytes, 0);
    closeSync(descriptor);
    if (count < headerBytes) throw wrongFile(path, `a header of ${headerBytes} bytes`, `${count}`);
  } catch (error) {
    throw error instanceof StrataError ? error : fileError(path, "read the model", error);
  }
  const [D, F, L, H, K, V, T] = Array.from({ length: 7 }, (_, i) => header.readInt32LE(4 * i));
  const numbers = [D, F, L, H, K, Math.abs(V), T];
  if (numbers.some((n) => n <= 0 || n > 1 << 24) || D % (2 * H) !== 0 || H % K !== 0) {
    throw wrongFile(path, "seven valid sizes in the header", numbers.join(", "));
  }
  return {
    ...plainLlama,
    vocabSize: Math.abs(V),
    hiddenSize: D,
    layers: L,
    attentionHeads: H,
    keyValueHeads: K,
    headDim: D / H,
    intermediateSize: F,
    rmsNormEps: 1e-5,
    ropeTheta: 10000,
    // A negative vocabulary size means that the head is not tied.
    tieWordEmbeddings: V > 0,
    maxPositions: T,
    bosId: 1,
    // Texts are separated by BOS, at which llama2.c stops generating.
    eosIds: [1],
  };
}

/** The file is ordered by kind of tensor, with all layers of a kind together. */
function tensorRanges(config: ModelConfig): Map<string, TensorRange> {
  const {
    hiddenSize: D,
    intermediateSize: F,
    attentionHeads: H,
    keyValueHeads: K,
    headDim: E,
    layers,
    vocabSize: V,
  } = config;
  const ranges = new Map<string, TensorRange>();
  let offset = 0;
  const take = (name: string, length: number, heads: number | null = null) => {
    ranges.set(name, { offset, length, heads });
    offset += length;
  };
  const takeLayers = (kind: keyof ReturnType<typeof layerNames>, length: number, heads: number | null = null) => {
    for (let layer = 0; layer < layers; layer++) take(layerNames(layer)[kind], length, heads);
  };
  take(embeddingName, V * D);
  takeLayers("attentionNorm", D);
  takeLayers("query", H * E * D, H);
  takeLayers("key", K * E * D, K);
  takeLayers("value", K * E * D);
  takeLayers("output", D * H * E);
  takeLayers("feedForwardNorm", D);
  takeLayers("gate", F * D);
  takeLayers("down", D * F);
  takeLayers("up", F * D);
  take(finalNormName, D);
  offset += config.maxPositions * E;
  if (!config.tieWordEmbeddings) take("lm_head.weight", V * D);
  return ranges;
}

/** RoPE pairs are (2j, 2j+1) in llama2.c and (j, j + E/2) in Hugging Face: row 2j moves to j, 2j+1 to j + E/2. */
function halfSplit(bytes: Uint8Array, heads: number, { headDim: E, hiddenSize: D }: ModelConfig): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const row = 4 * D;
  for (let n = 0; n < heads * E; n++) {
    const within = n % E;
    const target = n - within + (within >> 1) + (within & 1 ? E / 2 : 0);
    out.set(bytes.subarray(n * row, (n + 1) * row), target * row);
  }
  return out;
}

function wrongFile(where: string, expected: string, got: string): StrataError {
  return new StrataError("CheckpointError", {
    where,
    expected,
    got,
    hint: "Check that this is a llama2.c model and that it was copied completely.",
  });
}
