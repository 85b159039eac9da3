import { expect, test } from "vitest";
import { loadRecipe, parseRecipe } from "../../src/recipe/load-recipe.js";
import { StrataError } from "../../src/errors/strata-error.js";
import { smallRecipe } from "./small-recipe.js";

function messageOf(text: string, overrides: readonly string[] = []): string {
  try {
    parseRecipe(text, "recipes/small.yaml", overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(StrataError);
    return String(error);
  }
  return "no error";
}

test("a recipe with ten mistakes tells all ten, each with its place and what to try", () => {
  const text = `seeed: 3
data:
  stories: { synthetic: story, documents: 100 }
  problems: { files: problems.jsonl, field: text, template: "{question}" }
tokenizer:
  train: { data: [storys], vocabSize: 512 }
model:
  random: { layers: 16, hiddenSize: 96, attentionHeads: 6, keyValueHeads: 4 }
training:
  data: problems
  learningRate: fast
  amount: { epochs: 1, steps: 20 }
strategies:
  - vanila
  - name: mine
    windows: [0-4, 4-8, 8-12, 12-18]
    merge: { methd: linear }
`;
  expect(messageOf(text))
    .toBe(`RecipeError: recipes/small.yaml:1:1 seeed — expected one of the keys name, seed, seeds, holdOut, searchHoldOut, data, tokenizer, bos, model, training, dtype, shards, strategies, baselines, evaluation, evaluateAt, evaluateParts, paper, search, machine, got "seeed".
  Did you mean "seed"?
RecipeError: recipes/small.yaml:3:25 data.stories.synthetic — expected one of stories, problems, choices, got "story".
  Did you mean "stories"?
RecipeError: recipes/small.yaml:4:51 data.problems.template — expected exactly one of field, template, prompt with completion, messages, got field and template.
  Keep one of them: a template can contain a field as {field}.
RecipeError: recipes/small.yaml:6:19 tokenizer.train.data[0] — expected a data set of this recipe (stories, problems), got "storys".
  Did you mean "stories"?
RecipeError: recipes/small.yaml:8:75 model.random.keyValueHeads — expected a divisor of attentionHeads (6), got 4.
  Each key and value head serves the same number of attention heads.
RecipeError: recipes/small.yaml:11:17 training.learningRate — expected a number above 0, got "fast".
  Peak learning rate; default: by the model's \`depth\`, else 0.001.
RecipeError: recipes/small.yaml:12:11 training.amount — expected exactly one of epochs, steps, tokens, got epochs and steps.
  Keep one of them; --set 'training.amount={…}' replaces the whole mapping.
RecipeError: recipes/small.yaml:14:5 strategies[0] — expected a preset, or a mapping with preset, or with name and windows, got "vanila".
  Did you mean "vanilla"?
RecipeError: recipes/small.yaml:16:31 strategies[1].windows[3] — expected a window inside layers 0–16, got "12-18".
  The end of a window is exclusive: the last layers are, for example, 12-16.
RecipeError: recipes/small.yaml:17:14 strategies[1].merge.methd — expected one of the keys method, trainedShare, density, lambda, outerOptimizer, got "methd".
  Did you mean "method"?`);
});

test("the former name of a device is answered with its new one", () => {
  expect(messageOf(smallRecipe, ["machine.device=native"])).toBe(
    'RecipeError: --set machine.device=native — expected cpu, got "native".\n  `native` was renamed to `cpu`.',
  );
});

test("passes that do not make up a step are refused", () => {
  const overrides = ["training.batchSize=6", "training.microBatchSize=4"];
  expect(messageOf(smallRecipe, overrides))
    .toBe(`RecipeError: --set training.microBatchSize=4 — expected a divisor of batchSize (6), got 4.
  All micro batches of a step have the same number of sequences.`);
});

test("numbers that planning cannot finish with are refused", () => {
  const limits = [
    ["training.amount.epochs=1e300", "a number of at most 1000000", "1e+300"],
    ["training.learningRate=1e9", "a number of at most 10", "1000000000"],
    ["shards=1e6", "a whole number of at most 10000", "1000000"],
    ["strategies.2.rounds=1e5", "a whole number of at most 1000", "100000"],
    ["model.random.layers=1e9", "a whole number of at most 10000", "1000000000"],
    ["machine.threads=1e5", "a whole number of at most 1024 or auto", "100000"],
  ];
  for (const [set, expected, got] of limits)
    expect(messageOf(smallRecipe, [set])).toContain(`RecipeError: --set ${set} — expected ${expected}, got ${got}.\n`);
});

test("a warmup that overlaps the decay is refused", () => {
  const overrides = ["training.schedule=wsd", "training.warmup=0.75", "training.decay=0.5"];
  expect(messageOf(smallRecipe, overrides)).toBe(
    "RecipeError: --set training.warmup=0.75 — expected at most 1 − decay (0.5), got 0.75.\n" +
      "  The rate rises over the warmup, is constant, and falls over the decay.",
  );
  expect(messageOf(smallRecipe, ["training.schedule=wsd", "training.warmup=0.8"])).toBe("no error");
});

test("f16 on the processor is refused", () => {
  expect(messageOf(smallRecipe, ["dtype=f16", "machine.device=cpu"])).toBe(
    'RecipeError: --set dtype=f16 — expected bf16 or f32 with `machine.device: cpu`, got "f16".\n' +
      "  Use `machine.device: webgpu` or `auto`, or `dtype: bf16`, which needs no scaling of the loss.",
  );
  expect(messageOf(smallRecipe, ["dtype=f16", "machine.device=webgpu"])).toBe("no error");
});

test("two mistakes in one file give two errors, as parts too", () => {
  try {
    parseRecipe(`${smallRecipe}shards: 0\nevaluateAt: [2]\n`, "a.yaml");
    expect.unreachable();
  } catch (error) {
    const { all } = error as { all: unknown };
    expect(all).toEqual([
      {
        where: "a.yaml:12:9 shards",
        expected: "a whole number of at least 1",
        got: "0",
        hint:
          "Number of shards of the training data, one per part; default: the number of windows of the first strategy " +
          "with several, else 4.",
      },
      {
        where: "a.yaml:13:14 evaluateAt[0]",
        expected: "a number between 0 and 1",
        got: "2",
        hint: "Shares of the training after which each strategy is also evaluated.",
      },
    ]);
  }
});

test("a mistake in --set is reported with the option as written", () => {
  const overrides = [
    "training.learningrate=3",
    "machine.threads=0",
    "data.words.documents.x=2",
    "evaluateAt.7=0.1",
    "plain",
    "seed=[1",
    "name=*.txt",
    "training.epochs=3",
  ];
  expect(messageOf(smallRecipe, overrides))
    .toBe(`RecipeError: --set training.learningrate=3 — expected one of the keys data, sequenceLength, batchSize, microBatchSize, amount, learningRate, schedule, warmup, decay, finalLearningRate, optimizer, weightDecay, beta1, beta2, epsilon, momentum, muonScaling, muonBlockRows, maxGradNorm, tailAverage, checkpointMinutes, checkpointSteps, activationCheckpointing, offload, prefixCacheGigabytes, got "learningrate".
  Did you mean "learningRate"?
RecipeError: --set training.epochs=3 — expected one of the keys data, sequenceLength, batchSize, microBatchSize, amount, learningRate, schedule, warmup, decay, finalLearningRate, optimizer, weightDecay, beta1, beta2, epsilon, momentum, muonScaling, muonBlockRows, maxGradNorm, tailAverage, checkpointMinutes, checkpointSteps, activationCheckpointing, offload, prefixCacheGigabytes, got "epochs".
  It belongs under \`amount:\`.
RecipeError: --set machine.threads=0 — expected a whole number of at least 1 or auto, got 0.
  Threads per job.
RecipeError: --set data.words.documents.x=2 — expected a mapping at data.words.documents, got 100.
  Set data.words.documents itself: --set 'data.words.documents=…'.
RecipeError: --set evaluateAt.7=0.1 — expected an index from 0 to 0 of the list evaluateAt, got "7".
  Indices start at 0; the index after the last appends.
RecipeError: --set plain — expected path=value, got "plain".
  For example: --set training.batchSize=8.
RecipeError: --set seed=[1 — expected a value in YAML, got an error: Flow sequence must end with a ].
  Put quotes around it: --set 'seed="…"'.
RecipeError: --set name=*.txt — expected a value in YAML, got an error: Unresolved alias (the anchor must be set before the alias): .txt.
  Put quotes around it: --set 'name="…"'.`);
});

test.each([
  [
    "a list",
    "- a",
    `RecipeError: recipes/small.yaml:1:1 — expected a mapping, got a list.\n  Start from recipes/demo.yaml.`,
  ],
  [
    "a key given twice",
    "seed: 1\nseed: 2",
    `RecipeError: recipes/small.yaml:2:1 — expected YAML, got an error: Map keys must be unique.
  Check indentation, quotes and brackets there; a text with a colon or # needs quotes.`,
  ],
  [
    "two starts",
    smallRecipe.replace("random: {", "folder: here, random: {"),
    `RecipeError: recipes/small.yaml:4:8 model — expected exactly one of depth, random, folder, pretrain, got folder and random.
  Keep one of them; --set 'model={…}' replaces the whole mapping.`,
  ],
  [
    "a misspelt start",
    smallRecipe.replace("random: {", "rndom: {"),
    `RecipeError: recipes/small.yaml:4:8 model — expected exactly one of depth, random, folder, pretrain, got rndom.
  Did you mean "random"?`,
  ],
  [
    "a tokenizer beside a folder",
    smallRecipe.replace(/random: .*\}/, "folder: here }"),
    `RecipeError: recipes/small.yaml:3:1 tokenizer — expected no tokenizer with model.folder, got a mapping.
  Remove \`tokenizer:\`; the folder has its own.`,
  ],
  [
    "too few shards",
    `${smallRecipe}shards: 2\n`,
    `RecipeError: recipes/small.yaml:8:5 strategies[1] — expected a strategy with 2 windows, one per shard, got "slerp-4".
  This preset has 4 windows: set \`shards: 4\` or write a custom strategy.
RecipeError: recipes/small.yaml:10:14 strategies[2].windows — expected 2 windows, one per shard, got 4.
  Give 2 windows or set \`shards: 4\`.`,
  ],
  [
    "a strategy without rounds, with windows that are empty, reversed or no ranges",
    smallRecipe.replace("[full, 0-4, 4-8, 6-8+embeddings]", "[4-4, 6-2, 9-12, 4..8]\n    rounds: 0"),
    `RecipeError: recipes/small.yaml:10:15 strategies[2].windows[0] — expected a window inside layers 0–8, got "4-4".
  Use half-open ranges such as 4-5.
RecipeError: recipes/small.yaml:10:20 strategies[2].windows[1] — expected a window inside layers 0–8, got "6-2".
  Use half-open ranges such as 2-7.
RecipeError: recipes/small.yaml:10:25 strategies[2].windows[2] — expected a window inside layers 0–8, got "9-12".
  The end of a window is exclusive: the last layers are, for example, 4-8.
RecipeError: recipes/small.yaml:10:31 strategies[2].windows[3] — expected full or a half-open range of layers such as "0-4", got "4..8".
  What each worker trains: one window per shard, or a single window for one worker. \`full\`, or half-open ranges of layers such as \`0-4\` or \`0-4,8-12\`; \`0-4+embeddings\` also trains embedding, final norm and head, as does a range of all layers.
RecipeError: recipes/small.yaml:11:13 strategies[2].rounds — expected a whole number of at least 1, got 0.
  Number of rounds of training and merging, or a list of rounds.`,
  ],
  [
    "evaluations that cannot be",
    `${smallRecipe}evaluation:\n  - { name: a, kind: los, data: words }\n` +
      "  - { name: a, task: arc_easy, data: words, fewShot: 2 }\n  - { name: b }\n  - arc_chalenge\n" +
      "  - { task: gsm8k, limit: 0 }\n  - { name: c, kind: exact-match, data: words, items: 3 }\n",
    `RecipeError: recipes/small.yaml:13:22 evaluation[0].kind — expected loss, got "los".
  Did you mean "loss"?
RecipeError: recipes/small.yaml:14:5 evaluation[1].fewShotData — expected the name of a data set, got nothing.
  arc_easy has 2 solved examples in each prompt. Name a data set that contains them, or set \`fewShot: 0\`.
RecipeError: recipes/small.yaml:14:13 evaluation[1].name — expected a name that is unique in evaluation, got "a".
  Rename or remove one of them.
RecipeError: recipes/small.yaml:15:5 evaluation[2] — expected exactly one of kind, task, got name.
  What every model is scored on: losses, and tasks as \`strata eval\` scores them (a name is short for \`task: NAME\`); default: a \`loss\` on the held-out documents of each training data set, named \`loss\`, or \`NAME-loss\` where there are several.
RecipeError: recipes/small.yaml:16:5 evaluation[3] — expected a task, a group or a tag of Strata, or the path of a task file, got "arc_chalenge".
  Did you mean "arc_challenge"?
RecipeError: recipes/small.yaml:17:27 evaluation[4].limit — expected a whole number of at least 1 or null, got 0.
  Use the first documents only; \`null\`: all.
RecipeError: recipes/small.yaml:18:22 evaluation[5].kind — expected a task, got "exact-match".
  Evaluations of this kind are tasks now: write \`task: gsm8k\` in place of it, or another one of \`strata eval --tasks list\`. A task has its number of examples; \`fewShot: 0\` means none.
RecipeError: recipes/small.yaml:18:48 evaluation[5].items — expected limit, got "items".
  \`items\` was renamed to \`limit\`.`,
  ],
])("the message of %s is whole", (_, text, message) => {
  expect(messageOf(text)).toBe(message);
});

test("a recipe that is not there is an error with advice", async () => {
  await expect(loadRecipe("nowhere.yaml", [])).rejects.toThrow(
    "nowhere.yaml — expected a recipe file, got no such file.\n  See recipes/ for recipes to start from.",
  );
});

test("a data set's text, what the loss is on and how much of it is used", () => {
  const set = (written: string) =>
    messageOf(smallRecipe, [`data.sums={files: a.jsonl, ${written}}`]).replace(/--set .*\} data/, "data");
  expect(set("completion: '{a}'")).toBe(
    "RecipeError: data.sums.completion — expected prompt and completion together, got no prompt.\n" +
      "  Add `prompt:`, or use `template:` for a text that is not divided.",
  );
  expect(set("prompt: '{a}'")).toBe(
    "RecipeError: data.sums.prompt — expected prompt and completion together, got no completion.\n" +
      "  Add `completion:`, or use `template:` for a text that is not divided.",
  );
  expect(set("template: '{q}', lossOn: completions")).toBe(
    "RecipeError: data.sums.lossOn — expected all where there is neither `completion` nor `messages`, got " +
      '"completions".\n  Divide the text into `prompt:` and `completion:`; the completion is what is predicted.',
  );
  expect(set("prompt: 'Q: {q} A: ', completion: '{a}'")).toBe(
    'RecipeError: data.sums.prompt — expected no space at the end of a prompt, got "Q: {q} A: ".\n' +
      "  Move the space to the start of the completion: tokens of words include the space before them.",
  );
  expect(set("messages: turns, field: text")).toBe(
    "RecipeError: data.sums.messages — expected exactly one of field, template, prompt with completion, messages, " +
      "got field and messages.\n  Keep one of them: the tokenizer's chat template formats messages.",
  );
  expect(set("limit: {bytes: 400 megabytes}")).toBe(
    "RecipeError: data.sums.limit.bytes — expected a whole number of bytes of at least 1, or a text such as 400MB " +
      'or 1.5GiB, got "400 megabytes".\n  Bytes of text (UTF-8), such as `400MB`, `1.5GB` or a whole number.',
  );
});

test("a key of older recipes is reported with its new name, even if another key is more similar", () => {
  const sets = "\n  words: { synthetic: stories, documents: 100, validation: 0.1 }\n";
  expect(messageOf(smallRecipe.replace(/\n {2}words: .*\n/, sets)))
    .toBe(`RecipeError: recipes/small.yaml:2:48 data.words.validation — expected holdOut in place of it, got "validation".
  \`validation\` was renamed to \`holdOut\`, a key of the recipe itself: write it once, at the top level.`);
  expect(messageOf(smallRecipe, ["validation=0.1"])).toMatch(/\n {2}`validation` was renamed to `holdOut`\.$/);
  expect(messageOf(smallRecipe, ["training.toString=0.1"])).not.toMatch(/renamed/);
});

test("nothing to evaluate on where nothing is held out", () => {
  const evaluation =
    "evaluation:\n  - { name: a, kind: loss, data: words }\n  - { name: b, kind: loss, data: words, split: all }\n";
  expect(messageOf(`${smallRecipe}${evaluation}holdOut: 0\n`))
    .toBe(`RecipeError: recipes/small.yaml:13:34 evaluation[0].data — expected data with held-out documents, got "words".
  The recipe's \`holdOut\` is 0: raise it, or write \`split: all\` here.`);
  expect(messageOf(`${smallRecipe}holdOut: 0.6\n`)).toMatch(/:12:10 holdOut — expected .*, got 0\.6\.\n {2}Share of /);
});

test("sources of the hub", () => {
  const set = (override: string) => messageOf(smallRecipe, [override]).replace(/--set \S+?=\{.*\} (?=\w)/, "");
  expect(set("data.x={hf: 'hf:openai/gsm8k'}")).toBe(
    'RecipeError: data.x.hf — expected the id of a data set, such as "openai/gsm8k", got "hf:openai/gsm8k".\n' +
      "  A data set of the Hugging Face hub, `ORGANIZATION/NAME`. It is downloaded once.",
  );
  expect(set("data.x={preset: gsm8}")).toBe(
    "RecipeError: data.x.preset — expected one of cosmopedia, gsm8k, metamathqa, ai2_arc, hellaswag, " +
      'got "gsm8".\n  Did you mean "gsm8k"?',
  );
  expect(set("tokenizer={file: 'hf:a/b/c'}")).toBe(
    'RecipeError: tokenizer.file — expected a path, or hf:ORGANIZATION/NAME, got "hf:a/b/c".\n  A tokenizer file ' +
      "(`tokenizer.json`, `tokenizer.model`, `vocab.json`) or its folder, relative to the recipe's folder; or " +
      "`hf:ID` or `hf:ID@REVISION` of the hub.",
  );
  expect(set("data.x={preset: cosmopedia, lossOn: completions}")).toBe(
    "RecipeError: data.x.lossOn — expected all where there is neither `completion` nor `messages`, got " +
      '"completions".\n  Divide the text into `prompt:` and `completion:`; the completion is what is predicted.',
  );
});

test("an old name is one error that says the new one, wherever it occurs", () => {
  const text = `data:
  first: { generate: stories, documents: 9, first: { documents: 0 }, skipBad: 1, lossOn: answers }
  pairs: { files: a.jsonl, template: "{q}", answer: " {a}" }
curve: [2]
model: { random: { layers: 4, width: 64, queryHeads: 4, headWidth: 16, feedForwardWidth: 64, tiedHead: 7 } }
tokenizer: { train: { data: first, vocabularySize: 300 } }
training: { clip: 1, recompute: true }
strategies: [{ name: a, windows: [0-2+outer], keepOptimizer: true, merge: { outer: null, scale: 1, ownShare: 1 } }]
`;
  const messages = messageOf(text, ["training.microBatch=2"]);
  const renamed = [
    ...messages.matchAll(/^RecipeError: (.*) — expected (.*), got "(.*)"\.\n {2}`(.*)` was renamed to `(.*)`\.$/gm),
  ];
  expect(renamed.map(([, place, now]) => `${place} → ${now}`)).toEqual([
    "recipes/small.yaml:2:12 data.first.generate → synthetic",
    "recipes/small.yaml:2:45 data.first.first → limit",
    "recipes/small.yaml:2:70 data.first.skipBad → maxBadRecords",
    "recipes/small.yaml:2:90 data.first.lossOn → completions",
    "recipes/small.yaml:3:28 data.pairs.template → prompt",
    "recipes/small.yaml:3:45 data.pairs.answer → completion",
    "recipes/small.yaml:4:1 curve → evaluateAt",
    "recipes/small.yaml:5:31 model.random.width → hiddenSize",
    "recipes/small.yaml:5:42 model.random.queryHeads → attentionHeads",
    "recipes/small.yaml:5:57 model.random.headWidth → headDim",
    "recipes/small.yaml:5:72 model.random.feedForwardWidth → intermediateSize",
    "recipes/small.yaml:5:94 model.random.tiedHead → tieWordEmbeddings",
    "recipes/small.yaml:6:36 tokenizer.train.vocabularySize → vocabSize",
    "recipes/small.yaml:7:13 training.clip → maxGradNorm",
    "recipes/small.yaml:7:22 training.recompute → activationCheckpointing",
    "recipes/small.yaml:8:35 strategies[0].windows[0] → 0-2+embeddings",
    "recipes/small.yaml:8:47 strategies[0].keepOptimizer → keepOptimizerState",
    "recipes/small.yaml:8:77 strategies[0].merge.outer → outerOptimizer",
    "recipes/small.yaml:8:90 strategies[0].merge.scale → lambda",
    "recipes/small.yaml:8:100 strategies[0].merge.ownShare → trainedShare",
    "--set training.microBatch=2 → microBatchSize",
  ]);
  for (const [, , now, old, told, toldNow] of renamed) expect([told, toldNow]).toEqual([old, now]);
  // What else is wrong keeps its place in the recipe as written.
  const others = messages
    .split("RecipeError: ")
    .filter((message) => message !== "" && !message.includes("was renamed to"));
  expect(others.map((message) => message.split(" — ")[0])).toEqual([
    "recipes/small.yaml:2:65 data.first.first.documents",
    "recipes/small.yaml:2:90 data.first.lossOn",
    "recipes/small.yaml:4:9 curve[0]",
    "recipes/small.yaml:5:104 model.random.tiedHead",
  ]);
});
