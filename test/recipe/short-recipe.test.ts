import { resolve } from "node:path";
import { expect, test } from "vitest";
import { takenDefaults } from "../../src/recipe/defaults/taken-defaults.js";
import { formatRecipe } from "../../src/recipe/format-recipe.js";
import { loadRecipe, parseRecipe } from "../../src/recipe/load-recipe.js";

const short = `data: { mine: my.txt }
model: { depth: 4 }
strategies: [vanilla, slerp-1]
`;
const parse = (text: string, overrides: readonly string[] = []) => parseRecipe(text, "recipes/short.yaml", overrides);
const messageOf = (text: string, overrides: readonly string[] = []): string => {
  try {
    parse(text, overrides);
  } catch (error) {
    return String(error);
  }
  return "no error";
};

test("data, a depth and strategies are enough; every default is written out and read back", () => {
  const recipe = parse(short);
  expect(recipe).toMatchObject({
    name: "short",
    data: { mine: { files: [resolve("recipes/my.txt")], separator: null, field: "text" } },
    tokenizer: { train: { data: ["mine"], vocabSize: 4096, maxBytes: 50_000_000 } },
    model: {
      random: {
        layers: 4,
        hiddenSize: 256,
        attentionHeads: 4,
        keyValueHeads: 4,
        headDim: 64,
        intermediateSize: 672,
        tieWordEmbeddings: true,
      },
    },
    training: { data: ["mine"], learningRate: 0.0017, batchSize: 8, microBatchSize: 8, amount: { epochs: 1 } },
    shards: 4,
    evaluation: [{ name: "loss", kind: "loss", data: ["mine"], split: "validation", documents: null }],
    evaluateAt: [0.5],
  });
  expect(parseRecipe(formatRecipe(recipe), "elsewhere/other.yaml")).toEqual(recipe);
  expect(takenDefaults(recipe)).toEqual([
    { key: "model", text: "4 layers, hidden size 256, 4 heads of dimension 64, intermediate size 672" },
    { key: "tokenizer", text: "byte-level BPE with 4096 tokens, trained on mine" },
    { key: "training", text: "on mine: 1 epoch, 8 sequences of 256 tokens per step, learning rate 0.0017" },
    { key: "evaluation", text: "loss on the held-out documents of mine" },
  ]);
  expect(takenDefaults(parseRecipe(formatRecipe(recipe), "other.yaml"))).toEqual([]);
});

test("the dial sets sizes, learning rate and batch of every kind of start; what is written counts", () => {
  const small = parse(short, ["model.depth=1"]);
  expect(small.model).toMatchObject({ random: { hiddenSize: 64, attentionHeads: 2, headDim: 32 } });
  expect(small.training).toMatchObject({ learningRate: 0.0035, batchSize: 8 });
  const large = parse(short, ["model={random: {depth: 24}}", "training.batchSize=6"]);
  expect(large.model).toMatchObject({ random: { layers: 24, hiddenSize: 1536, attentionHeads: 24, headDim: 64 } });
  expect(large.training).toMatchObject({ learningRate: 0.00071, batchSize: 6, microBatchSize: 6 });
  expect(large.tokenizer).toMatchObject({ train: { vocabSize: 24_576 } });
  const pretrained = parse(short, [
    "model={pretrain: {shape: {depth: 12}, data: books, training: {learningRate: 0.5}}}",
    "data.books=books.txt",
  ]);
  expect(pretrained.model).toMatchObject({
    pretrain: { shape: { layers: 12, hiddenSize: 768 }, training: { learningRate: 0.5, batchSize: 24 } },
  });
  expect(pretrained.training).toMatchObject({ data: ["mine"], learningRate: 0.001, batchSize: 24 });
  expect(pretrained.tokenizer).toMatchObject({ train: { data: ["books", "mine"] } });
});

test("by default everything is trained on but tests, and each is scored on what it holds out", () => {
  const recipe = parse(short, [
    "data.quiz={synthetic: choices, documents: 9}",
    "data.more=more.jsonl",
    "data.all={files: all.txt}",
    "evaluation=[{name: quiz, task: hellaswag, data: quiz, split: all}]",
  ]);
  expect(recipe.training.data).toEqual(["mine", "more", "all"]);
  expect(recipe.tokenizer).toMatchObject({ train: { data: ["mine", "more", "all"] } });
  const two = parse(short, ["data.more=more.jsonl"]);
  expect(two.evaluation.map(({ name, data }) => [name, data])).toEqual([
    ["mine-loss", ["mine"]],
    ["more-loss", ["more"]],
  ]);
  expect(parse(short, ["holdOut=0"]).evaluation).toEqual([]);
  expect(parse(short, ["evaluation=[]"]).evaluation).toEqual([]);
});

test("there are as many shards as the strategies have windows", () => {
  const shards = (strategies: string) => parse(short, [`strategies=[${strategies}]`]).shards;
  expect(shards("vanilla")).toBe(4);
  expect(shards("vanilla, {name: two, windows: [0-2, 2-4]}")).toBe(2);
  expect(messageOf(short, ["strategies=[{name: two, windows: [0-2, 2-4]}, slerp-1]"])).toContain(
    'expected a strategy with 2 windows, one per shard, got "slerp-1".',
  );
});

test("a path alone is a data set", () => {
  const recipe = parse("data: my.txt\nmodel: { depth: 1 }\nstrategies: [vanilla]\n");
  expect(recipe.data).toMatchObject({ text: { files: [resolve("recipes/my.txt")] } });
  expect(recipe.training.data).toEqual(["text"]);
  expect(parse(short, ["data=other.txt"]).data).toMatchObject({ text: { files: [resolve("other.txt")] } });
});

test("a recipe with everything written takes no defaults", async () => {
  expect(takenDefaults(await loadRecipe("recipes/demo.yaml", []))).toEqual([]);
});

test.each([
  [
    "{ depth: 0 }",
    "recipes/short.yaml:2:17 model.depth — expected a whole number of at least 1, got 0.\n" +
      "  Start from random weights, with this number of layers; all sizes follow from it (docs/recipe.md, One dial).",
  ],
  [
    "{ depth: 4, hiddenSize: 96 }",
    'recipes/short.yaml:2:20 model.hiddenSize — expected one of the keys depth, got "hiddenSize".\n  `depth` sets ' +
      "every size. To choose them, write `layers: 4` and the sizes instead; a model's shape belongs under `random:`.",
  ],
  [
    "{ random: { depth: 4, headDim: 96 } }",
    'recipes/short.yaml:2:30 model.random.headDim — expected one of the keys depth, got "headDim".\n  `depth` sets ' +
      "every size. To choose them, write `layers: 4` and the sizes instead; a model's shape belongs under `random:`.",
  ],
  [
    "{ random: { depth: 4, layers: 4 } }",
    "recipes/short.yaml:2:18 model.random — expected exactly one of depth, layers, got depth and layers.\n" +
      "  Keep one of them; --set 'model.random={…}' replaces the whole mapping.",
  ],
  [
    "{ pretrain: { shape: { depth: 4 }, data: mine } }",
    "recipes/short.yaml:1:1 data — expected a data set to train on, got pre-training and tests only.\n  Add a data " +
      "set, or name one in `training.data`: by default no data set of `model.pretrain.data` or of an evaluation with " +
      "`split: all` is trained on.",
  ],
])("the message of the model %s is whole", (model, message) => {
  expect(messageOf(short.replace("{ depth: 4 }", model))).toBe(`RecipeError: ${message}`);
});

test.each([
  [
    "{}",
    "data — expected a data set to train on, got no data set.\n  Add one under `data:`, for example `mine: my.txt`.",
  ],
  [
    "{ mine: 3 }",
    "data.mine — expected a data set, or the path of a file, got 3.\n" +
      "  A mapping with one of `files`, `hf`, `preset`, `synthetic`; or the path of a file.",
  ],
  [
    "{ mine: { file: my.txt } }",
    'data.mine — expected exactly one of files, hf, preset, synthetic, got file.\n  Did you mean "files"?',
  ],
])("the message of the data %s is whole", (data, message) => {
  expect(messageOf(short.replace("{ mine: my.txt }", data)).replace(/short\.yaml:\d+:\d+ /, "")).toBe(
    `RecipeError: recipes/${message}`,
  );
});
