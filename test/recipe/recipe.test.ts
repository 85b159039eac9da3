import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { formatRecipe } from "../../src/recipe/format-recipe.js";
import { loadRecipe, parseRecipe } from "../../src/recipe/load-recipe.js";
import { strategyPresets } from "../../src/plan/presets/presets.js";
import { recipeReference, recipeSchemaFile } from "../../src/recipe/reference.js";
import { smallRecipe } from "./small-recipe.js";

const training = {
  sequenceLength: 256,
  batchSize: 16,
  microBatchSize: 8,
  amount: { epochs: 1 },
  learningRate: 1e-3,
  schedule: "cosine",
  warmup: 0.03,
  decay: 0.2,
  finalLearningRate: 0.1,
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
  checkpointMinutes: 5,
  checkpointSteps: null,
  activationCheckpointing: false,
  offload: false,
  prefixCacheGigabytes: 8,
};
const use = { lossOn: "all", limit: null, duplicates: "keep", maxBadRecords: 0 };

test("every default is written out", () => {
  expect(parseRecipe(smallRecipe, "recipes/small.yaml")).toEqual({
    name: "small",
    seed: 1,
    holdOut: 0.02,
    data: { words: { synthetic: "stories", documents: 100, seed: 1, field: "text", ...use } },
    tokenizer: { train: { data: ["words"], vocabSize: 300, maxBytes: 50_000_000 } },
    bos: "auto",
    model: {
      random: {
        layers: 8,
        hiddenSize: 64,
        attentionHeads: 4,
        keyValueHeads: 4,
        headDim: 16,
        intermediateSize: 160,
        tieWordEmbeddings: true,
        ropeTheta: 10_000,
        rmsNormEps: 1e-5,
        maxPositions: 2048,
      },
    },
    training: { data: ["words"], ...training },
    shards: 4,
    strategies: [
      "vanilla",
      "slerp-4",
      {
        name: "mine",
        windows: ["full", "0-4", "4-8", "6-8+embeddings"],
        merge: { method: "union", outerOptimizer: { method: "nesterov", learningRate: 0.7, momentum: 0.5 } },
      },
    ],
    evaluation: [{ name: "loss", kind: "loss", data: ["words"], split: "validation", documents: null }],
    evaluateAt: [0.5],
    evaluateParts: false,
    searchHoldOut: 0.01,
    baselines: ["vanilla", "alone"],
    dtype: "bf16",
    paper: false,
    machine: { device: "auto", instructions: "auto", threads: "auto", parallel: "auto", executor: "local" },
  });
});

test("the defaults of pre-training and of losses and tasks are written out", () => {
  const recipe = parseRecipe(
    smallRecipe
      .replace(/random: (\{.*\}) \}/, "pretrain: { shape: $1, data: words } }")
      .replace("data:\n", "data:\n  quiz: { files: [a.jsonl] }\n") +
      "evaluation:\n  - { name: a, kind: loss, data: quiz }\n  - { name: b, task: arc_easy, data: quiz }\n" +
      "  - { name: c, task: gsm8k, data: quiz, split: all, fewShotData: words, limit: 3 }\n",
    "small.yaml",
  );
  expect(recipe.model).toMatchObject({ pretrain: { data: ["words"], training } });
  const written = { data: "quiz", limit: null, fewShotData: null, maxTokens: null };
  expect(recipe.evaluation).toEqual([
    { name: "a", kind: "loss", data: ["quiz"], split: "validation", documents: null },
    { ...written, name: "b", task: "arc_easy", split: "validation", fewShot: 0 },
    { ...written, name: "c", task: "gsm8k", split: "all", limit: 3, fewShot: 5, fewShotData: "words" },
  ]);
});

test("Slurm needs no settings", () => {
  const executor = (written: string) => parseRecipe(smallRecipe, "small.yaml", [`machine.executor=${written}`]).machine;
  expect(executor("slurm")).toMatchObject({ executor: { slurm: {} } });
  expect(executor("slurm")).toEqual(executor("{slurm: {}}"));
});

test("made-up data has the text that its records have", () => {
  const set = [
    "data.sums={synthetic: problems, documents: 9}",
    "data.quiz={synthetic: choices, documents: 9, seed: 5}",
  ];
  const { data } = parseRecipe(smallRecipe, "small.yaml", set);
  expect(data.sums).toMatchObject({ template: "Question: {question}\nAnswer: {answer}", seed: 1 });
  expect(data.quiz).toMatchObject({ field: "query", seed: 5 });
});

test("the first of a data set, in bytes as people write them", () => {
  const first = (value: string) =>
    parseRecipe(smallRecipe, "small.yaml", [`data.words.limit=${value}`]).data.words.limit;
  expect(["400MB", "1.5 GiB", "20kB", "123"].map((bytes) => first(`{bytes: ${bytes}}`))).toEqual([
    { bytes: 400_000_000 },
    { bytes: 1_610_612_736 },
    { bytes: 20_000 },
    { bytes: 123 },
  ]);
  expect([first("{tokens: 5}"), first("{documents: 7}"), first("null")]).toEqual([
    { tokens: 5 },
    { documents: 7 },
    null,
  ]);
});

test("a preset is its data set of the hub, written out; other keys override it", () => {
  const set = (written: string) => parseRecipe(smallRecipe, "small.yaml", [`data.x=${written}`]).data.x;
  const answered = { prompt: "Question: {question}\nAnswer:", completion: " {answer}" };
  expect(set("{preset: gsm8k, lossOn: completions}")).toEqual({
    hf: "openai/gsm8k",
    config: "main",
    split: "train",
    revision: "main",
    paths: null,
    ...answered,
    ...use,
    lossOn: "completions",
  });
  expect(set("{preset: ai2_arc, config: ARC-Easy, split: train, revision: v1, field: question}")).toEqual({
    hf: "allenai/ai2_arc",
    config: "ARC-Easy",
    split: "train",
    revision: "v1",
    paths: null,
    field: "question",
    ...use,
  });
  expect(set("{hf: org/data, paths: data/*.parquet}")).toEqual({
    hf: "org/data",
    config: null,
    split: "train",
    revision: "main",
    paths: ["data/*.parquet"],
    field: "text",
    ...use,
  });
});

test("models and tokenizers of the hub are no paths", () => {
  const text = smallRecipe
    .replace(/^tokenizer.*\n/m, "")
    .replace(/^model: .*/m, "model: { folder: hf:meta-llama/Llama-3.2-1B@v1 }");
  const recipe = parseRecipe(text, "recipes/small.yaml");
  expect(recipe.model).toEqual({ folder: "hf:meta-llama/Llama-3.2-1B@v1" });
  expect(parseRecipe(formatRecipe(recipe), "other.yaml")).toEqual(recipe);
  expect(parseRecipe(smallRecipe, "small.yaml", ["tokenizer={file: hf:org/x}"]).tokenizer).toEqual({
    file: "hf:org/x",
  });
});

test("paths are relative to the recipe, those of --set to the working directory", () => {
  const text = smallRecipe.replace("data:\n", "data:\n  books: { files: [a.txt, sub/b.txt] }\n");
  const recipe = parseRecipe(text, "recipes/small.yaml", [
    "data.books.files.1=c.txt",
    "data.more.files=d.txt",
    "tokenizer={file: t}",
  ]);
  expect(recipe.data.books).toMatchObject({ files: [resolve("recipes/a.txt"), resolve("c.txt")] });
  expect(recipe.data.more).toMatchObject({ files: [resolve("d.txt")] });
  expect(recipe.tokenizer).toEqual({ file: resolve("t") });
});

test("--set changes, adds, appends and replaces; the last one wins", () => {
  const recipe = parseRecipe(smallRecipe, "small.yaml", [
    "seed=2",
    "seed=3",
    "training.amount.steps=20",
    "strategies.0=slerp-1",
    "strategies.3=slerp-9",
    "evaluateAt.0=0.25",
    "machine.threads=auto",
    "strategies.2.windows.0=0-1",
  ]);
  expect(recipe.seed).toBe(3);
  expect(recipe.data.words).toMatchObject({ seed: 3 });
  expect(recipe.training.amount).toEqual({ steps: 20 });
  expect(recipe.strategies).toMatchObject([
    "slerp-1",
    "slerp-4",
    { windows: ["0-1", "0-4", "4-8", "6-8+embeddings"] },
    "slerp-9",
  ]);
  expect(recipe.evaluateAt).toEqual([0.25]);
});

const recipes = readdirSync("recipes").filter((file) => file.endsWith(".yaml"));

test("there are recipes to check", () => expect(recipes.length).toBeGreaterThan(1));

test.each(recipes)("%s loads, and written out it parses back to the same recipe anywhere", async (file) => {
  const recipe = await loadRecipe(`recipes/${file}`, []);
  expect(parseRecipe(formatRecipe(recipe), "elsewhere/other.yaml")).toEqual(recipe);
});

test("every kind of value survives being written out", () => {
  const recipe = parseRecipe(smallRecipe, "small.yaml", [
    "training.maxGradNorm=null",
    "training.amount={tokens: 1000000}",
    'data.quiz={files: a.jsonl, template: "Q: {q}\\nA: {a}"}',
    'data.sums={files: a.csv, prompt: "{q}", completion: " {a}", lossOn: completions, limit: {bytes: 1kB}, ' +
      "duplicates: remove}",
    "data.chats={files: a.parquet, messages: turns, lossOn: completions}",
    "machine={threads: 2}",
    "name=n1",
  ]);
  expect(recipe.data.quiz).toMatchObject({ template: "Q: {q}\nA: {a}" });
  expect(parseRecipe(formatRecipe(recipe), "other.yaml")).toEqual(recipe);
  const { tokenizer: _, ...others } = recipe;
  const ofFolder = { ...others, tokenizer: null, model: { folder: resolve("m") } };
  expect(parseRecipe(formatRecipe(ofFolder), "other.yaml")).toEqual(ofFolder);
});

test("docs/recipe.md says what each preset of a strategy does", () => {
  for (const [name, { description }] of Object.entries(strategyPresets)) {
    const row = recipeReference()
      .split("\n")
      .find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row, name).toContain(description);
  }
});

test("recipes/recipe.schema.json and docs/recipe.md are those of the schema", () => {
  expect(readFileSync("recipes/recipe.schema.json", "utf8")).toBe(recipeSchemaFile());
  expect(readFileSync("docs/recipe.md", "utf8")).toBe(recipeReference());
});
