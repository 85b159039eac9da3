import {
  batchSizeOfDepth,
  intermediateSizeOf,
  learningRateOfDepth,
  shapeOfDepth,
  vocabSizeOfLayers,
} from "./defaults/depth-rules.js";

/** The text of docs/recipe.md before its tables. */
export const referenceIntroduction = `# Recipe reference

A recipe is a YAML file that defines an experiment: data, tokenizer, model, training, strategies, evaluation. Only
\`data\`, \`model\` and \`strategies\` are required: [recipes/short.yaml](../recipes/short.yaml) is a short one,
[recipes/demo.yaml](../recipes/demo.yaml) a full one with comments. A key that is not in these tables is an error. All
errors of a file are reported at once, each with its place and a suggestion:

\`\`\`
RecipeError: recipes/small.yaml:14:12 strategies[2].windows — expected 4 windows, one per shard, got 3.
  Give 4 windows or set \`shards: 3\`.
\`\`\`

- **Command line.** \`--set a.b=c\` changes any value; the text after \`=\` is YAML. Numbers are indices of a list
  (\`--set strategies.0=slerp-4\`); the index after the last appends. To replace one form of a mapping by another, set
  the whole mapping: \`--set 'model={folder: my-model}'\`.
- **Paths** are relative to the recipe's folder; paths in \`--set\` are relative to the current folder.
- **The Hugging Face hub** provides data sets (\`hf:\`, \`preset:\`), models and tokenizers (\`hf:ID@REVISION\` instead
  of a folder). Files are downloaded into the usual cache before planning, because jobs depend on their content;
  \`plan\` and \`run\` first print what they download and how large it is. \`runs/NAME/recipe.yaml\` records the commits
  and files, so a run from it is the same and needs no network.
- **Editors** check and complete recipes that start with \`# yaml-language-server: $schema=./recipe.schema.json\`.
- **Windows** are \`full\` (everything trains) or half-open ranges of layers: \`0-4\` trains layers 0, 1, 2 and 3;
  \`0-4+embeddings\` also trains embedding, final norm and head. A strategy has one window per shard, or a single one
  for a part that trains on all data.
- **Seeds.** \`seeds: [1, 2, 3]\` in place of \`seed\` repeats the run with each seed; \`runs/NAME\` then shows means
  and their spread, \`runs/NAME/seed-N\` each run. Synthetic data follow the seed unless they have their own.
- **Search.** \`strata search\` tries the values under \`search:\`: those of \`baseline\` for vanilla first, then, with
  the best of them, those of \`values\` for the strategies. Both have the same budget, so vanilla is tuned as much.
  Paths are those of \`--set\`; in \`values\`, \`training.learningRate\` means the strategies' own \`training\`, and
  vanilla keeps its rate. The best recipe is \`runs/NAME/search/winner.yaml\`. With \`seeds\`, candidates run with the
  first one.
- **Defaults.** \`plan\` and \`run\` print the defaults that they derive; \`runs/NAME/recipe.yaml\` contains all of
  them; what a strategy leaves out is as its preset has it, or as its table says.

## One dial

\`model: { depth: N }\` (or \`depth\` alone in \`model.random\` and \`model.pretrain.shape\`) chooses the whole model.
These values follow from N, unless the recipe sets them:

| value | rule | N = 2 | N = 4 | N = 12 |
|---|---|---|---|---|
${dialRows().join("\n")}

The last row counts layers, norms and a tied embedding, with a tokenizer that reaches its size. Without \`tokenizer\`, a
byte-level BPE is trained on the training and pre-training data. Without \`training.data\`, every data set is trained on
that is neither pre-trained on nor evaluated with \`split: all\`. Without \`evaluation\`, models are scored by a
\`loss\` on the held-out documents of each training data set. Without \`shards\`, there is one per window of the first
strategy with several windows.

The tables below are generated from the schema in \`src/recipe/schema/\`. After a change,
\`npm run reference\` updates them and \`recipes/recipe.schema.json\`.
`;

/** The rules of `depth`, with examples that they compute. */
function dialRows(): string[] {
  const rows: readonly [string, string, (depth: number) => number][] = [
    ["`layers`", "N", (depth) => depth],
    ["`hiddenSize`", "64 N", (depth) => shapeOfDepth(depth).hiddenSize],
    ["`headDim`", "32 up to N = 2, else 64", (depth) => shapeOfDepth(depth).headDim],
    ["`attentionHeads`", "`hiddenSize / headDim`", (depth) => shapeOfDepth(depth).attentionHeads],
    [
      "`intermediateSize`",
      "multiple of 32 nearest to 8/3 of `hiddenSize`",
      (depth) => intermediateSizeOf(shapeOfDepth(depth).hiddenSize),
    ],
    ["`learningRate`", "0.001 · √(768 / `hiddenSize`), two digits", learningRateOfDepth],
    ["`batchSize`", "2 N, from 8 to 64", batchSizeOfDepth],
    ["`vocabSize`", "1024 · `layers`, up to 32768", vocabSizeOfLayers],
    ["parameters", "", parametersOfDepth],
  ];
  return rows.map(
    ([value, rule, of]) =>
      `| ${value} | ${rule} | ` +
      `${[2, 4, 12].map((depth) => of(depth).toLocaleString("en-US", { maximumFractionDigits: 4 })).join(" | ")} |`,
  );
}

function parametersOfDepth(depth: number): number {
  const { layers, hiddenSize } = shapeOfDepth(depth);
  const layer = 4 * hiddenSize ** 2 + 3 * hiddenSize * intermediateSizeOf(hiddenSize) + 2 * hiddenSize;
  return layers * layer + hiddenSize + vocabSizeOfLayers(layers) * hiddenSize;
}
