import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.js";
import { withPlan } from "./merge-in-process.js";
import { writeModel } from "./merge-runs.js";

interface OrderCase {
  readonly models: Readonly<Record<string, { readonly layers: number; readonly head: boolean }>>;
  readonly yaml: string;
  readonly order: readonly string[];
}

const cases = JSON.parse(
  readFileSync(new URL("../../golden/merge/merge-order.json", import.meta.url), "utf8"),
) as readonly OrderCase[];

const parts = [
  "input_layernorm",
  "post_attention_layernorm",
  ...["q_proj", "k_proj", "v_proj", "o_proj"].map((part) => `self_attn.${part}`),
  ...["gate_proj", "up_proj", "down_proj"].map((part) => `mlp.${part}`),
];
const vector = { shape: [1], values: [0] };
const matrix = { shape: [3, 1], values: [0, 0, 0] };

function writeLlama(folder: string, layers: number, head: boolean): void {
  const names = Array.from({ length: layers }, (_, i) =>
    parts.map((part) => `model.layers.${i}.${part}.weight`),
  ).flat();
  const tensors = {
    "model.embed_tokens.weight": matrix,
    ...(head ? { "lm_head.weight": matrix } : {}),
    "model.norm.weight": vector,
    ...Object.fromEntries(names.map((name) => [name, vector])),
  };
  writeModel(folder, tensors, { architectures: ["LlamaForCausalLM"], vocab_size: 3, num_hidden_layers: layers });
}

test.each(cases.map((one, i) => [i, one] as const))(
  "tensors that share inputs are merged in mergekit's order: %i",
  async (_, { models, yaml, order }) => {
    const cwd = temporaryFolder();
    for (const [name, { layers, head }] of Object.entries(models)) writeLlama(join(cwd, name), layers, head);
    expect(await withPlan({ cwd, yaml }, ({ sequence }) => sequence.map(({ name }) => name))).toEqual(order);
  },
);
