import { describe, expect, it, test } from "vitest";
import { plainLlama } from "../../src/model/config/architecture.js";
import { formatConfig, parseConfig, type ModelConfig } from "../../src/model/config/model-config.js";
import { picoConfig } from "./pico.js";

const minimal = {
  hidden_size: 16,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  intermediate_size: 24,
  vocab_size: 40,
};
const parse = (members: object) => parseConfig({ model_type: "llama", ...minimal, ...members }, "config.json");
const qwen2 = { model_type: "qwen2", num_key_value_heads: 4 };
const reads = "Strata reads Llama, Mistral and Qwen2 models with default, linear or llama3 rope scaling.";

const llama3 = {
  kind: "llama3",
  factor: 32,
  lowFrequencyFactor: 1,
  highFrequencyFactor: 4,
  originalPositions: 8192,
} as const;
const others: readonly Partial<ModelConfig>[] = [
  {},
  { eosIds: [1, 2] },
  { tieWordEmbeddings: false, bosId: null, eosIds: [] },
  { ropeScaling: llama3 },
  { ropeScaling: { kind: "linear", factor: 4 } },
  { attentionBias: "all" },
  { feedForwardBias: true },
  { family: "qwen2", attentionBias: "query-key-value" },
  { family: "mistral" },
  { family: "mistral", slidingWindow: 4096 },
  { family: "qwen2", attentionBias: "query-key-value", slidingWindow: 16 },
];

it.each(others)("a configuration written to config.json and parsed again is the same: %j", (change) => {
  const config = { ...picoConfig, ...change };
  expect(parseConfig(JSON.parse(JSON.stringify(formatConfig(config, "bf16"))), "config.json")).toEqual(config);
});

it("rope_parameters of transformers 5 mean the same as rope_theta and rope_scaling of 4", () => {
  const scaling = {
    rope_type: "llama3",
    factor: 32,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  };
  const four = parse({ rope_theta: 500000, rope_scaling: scaling });
  expect(parse({ rope_parameters: { ...scaling, rope_theta: 500000 } })).toEqual(four);
  expect(four).toMatchObject({ ropeTheta: 500000, ropeScaling: llama3 });
  expect(parse({ rope_theta: 500000, rope_scaling: null }).ropeScaling).toBe(null);
  expect(parse({ rope_scaling: { type: "linear", factor: 2 } }).ropeScaling).toEqual({ kind: "linear", factor: 2 });
});

it("members that a config.json omits have the defaults of transformers for its family", () => {
  expect(parse({})).toMatchObject({
    ...plainLlama,
    keyValueHeads: 4,
    headDim: 4,
    ropeTheta: 10000,
    tieWordEmbeddings: false,
    bosId: 1,
    eosIds: [2],
  });
  expect(parse({ model_type: "mistral", num_attention_heads: 8 })).toMatchObject({
    keyValueHeads: 8,
    slidingWindow: 4096,
    eosIds: [2],
  });
  expect(parse({ model_type: "qwen2", num_key_value_heads: null })).toMatchObject({
    keyValueHeads: 4,
    attentionBias: "query-key-value",
    bosId: null,
  });
});

test("the sliding window is the one that transformers applies to all layers", () => {
  const window = (members: object) => parse({ num_key_value_heads: 4, sliding_window: 8, ...members }).slidingWindow;
  const all = (type: string) => ({ layer_types: [type, type] });
  expect(window({ use_sliding_window: true })).toBe(null);
  expect(window({ model_type: "mistral", use_sliding_window: false })).toBe(8);
  expect(window({ model_type: "mistral", ...all("full_attention") })).toBe(null);
  expect(window({ model_type: "mistral", ...all("sliding_attention") })).toBe(8);
  expect(window({ model_type: "mistral", layer_types: null })).toBe(8);
  const qwen = { model_type: "qwen2", use_sliding_window: true };
  expect(window({ ...qwen, use_sliding_window: false, max_window_layers: 0 })).toBe(null);
  expect(window(qwen)).toBe(null);
  expect(window({ ...qwen, max_window_layers: 2 })).toBe(null);
  expect(window({ ...qwen, max_window_layers: 0 })).toBe(8);
  expect(window({ ...qwen, max_window_layers: 0, sliding_window: null })).toBe(null);
  expect(window({ ...qwen, max_window_layers: 0, ...all("attention") })).toBe(null);
  expect(window({ ...qwen, max_window_layers: 2, ...all("sliding_attention") })).toBe(8);
});

test("ids of -1 are none, head sizes are rounded down where transformers does so, and lengths differ by family", () => {
  expect(parse({ bos_token_id: -1, eos_token_id: [2, -1] })).toMatchObject({ bosId: null, eosIds: [2] });
  expect(parse({ model_type: "mistral", num_key_value_heads: 4, hidden_size: 18 }).headDim).toBe(4);
  expect(() => parse({ hidden_size: 18 })).toThrow("headDim — expected a positive integer, got 4.5");
  const lengths = ["llama", "mistral", "qwen2"].map(
    (model_type) => parse({ model_type, num_key_value_heads: 4 }).maxPositions,
  );
  expect(lengths).toEqual([2048, 131072, 32768]);
});

describe("an unsupported model is refused by name, with the missing feature", () => {
  it.each([
    [
      { model_type: "qwen3" },
      'model_type — expected "llama", "mistral" or "qwen2", got "qwen3"',
      "query and key norms",
    ],
    [
      { model_type: "mixtral" },
      'model_type — expected "llama", "mistral" or "qwen2", got "mixtral"',
      "mixture of experts",
    ],
    [{ model_type: "else" }, 'model_type — expected "llama", "mistral" or "qwen2", got "else"', null],
    [{ hidden_act: "gelu" }, 'hidden_act — expected "silu" or "swish", got "gelu"', "other activations"],
    [{ hidden_act: "SiLU" }, 'hidden_act — expected "silu" or "swish", got "SiLU"', "other activations"],
    [{ quantization_config: { bits: 4 } }, 'quantization_config — expected none, got {"bits":4}', "quantized weights"],
    [
      { ...qwen2, use_sliding_window: true, max_window_layers: 1 },
      "max_window_layers — expected 0 or at least 2, the number of layers, got 1",
      "sliding windows in only some layers",
    ],
    [
      { layer_types: ["full_attention", "sliding_attention"] },
      'layer_types — expected "full_attention" for all layers, got "sliding_attention"',
      "layers of different types",
    ],
    [
      { model_type: "mistral", num_key_value_heads: 4, layer_types: ["full_attention", "sliding_attention"] },
      'layer_types — expected one type of attention for all layers, got "sliding_attention"',
      "sliding windows in only some layers",
    ],
    [
      { ...qwen2, layer_types: ["full_attention"] },
      'layer_types — expected a list with a type for each of 2 layers, got ["full_attention"]',
      null,
    ],
    [{ ...qwen2, use_sliding_window: "false" }, 'use_sliding_window — expected true or false, got "false"', null],
    [
      { ...qwen2, use_sliding_window: true, max_window_layers: null },
      "max_window_layers — expected an integer, got null",
      null,
    ],
    [{ tie_word_embeddings: "false" }, 'tie_word_embeddings — expected true or false, got "false"', null],
    [{ attention_bias: 1 }, "attention_bias — expected true or false, got 1", null],
    [{ per_layer_config: { "0": {} } }, 'per_layer_config — expected none, got {"0":{}}', "layers of different types"],
    [
      { transformers_weights: "other.safetensors" },
      'transformers_weights — expected none, got "other.safetensors"',
      "weights in files of other names",
    ],
    [
      { rope_scaling: { rope_type: "yarn" } },
      'rope_scaling.rope_type — expected "default", "linear" or "llama3", got "yarn"',
      "YaRN's frequency ramp and attention factor",
    ],
    [
      { rope_scaling: { type: "dynamic" } },
      'rope_scaling.rope_type — expected "default", "linear" or "llama3", got "dynamic"',
      "frequencies that depend on the length of the text",
    ],
    [
      { rope_parameters: { rope_type: "longrope" } },
      'rope_parameters.rope_type — expected "default", "linear" or "llama3", got "longrope"',
      "one factor per frequency and a second set of factors for long texts",
    ],
    [
      { rope_parameters: { partial_rotary_factor: 0.5 } },
      "rope_parameters.partial_rotary_factor — expected 1, got 0.5",
      "rotation of only a part of each head",
    ],
    [{ rope_scaling: { rope_type: "linear" } }, "rope_scaling.factor — expected a positive number, got nothing", null],
    [{ model_type: "mistral", sliding_window: 0 }, "sliding_window — expected null or a positive integer, got 0", null],
    [{ eos_token_id: "</s>" }, 'eos_token_id — expected an id, a list of ids or null, got "</s>"', null],
  ])("%j", (members, message, missing) => {
    const hint = missing === null ? reads : `Not implemented: ${missing}. ${reads}`;
    expect(() => parse(members)).toThrow(`config.json ${message}.\n  ${hint}`);
  });
});
