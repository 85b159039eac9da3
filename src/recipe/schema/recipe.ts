import { z } from "zod";
import { computeDTypes } from "../../device/kernels.js";
import { bosChoices } from "../../tokenizer/bos.js";
import { data } from "./data.js";
import { evaluateAt, evaluations } from "./evaluation.js";
import { machine } from "./machine.js";
import { model } from "./model.js";
import { search } from "./search.js";
import { baselines, strategies } from "./strategy.js";
import { trainingOnData } from "./training.js";
import { count, countUpTo, exactlyOne, name, names, oneOf, pathOrHub, share, truth, whole } from "./values.js";

/**
 * The written form of a recipe. The `error` of each schema is the "expected …" of its message; `describe` is its hint,
 * its row in docs/recipe.md and its tooltip in editors. Rules about several keys are in `checks/`.
 */

export const trainedTokenizer = z.strictObject(
  {
    data: names().describe("Data sets whose training documents the tokenizer is trained on."),
    vocabSize: whole(258).describe("Number of tokens, including 256 bytes and 2 special tokens."),
    maxBytes: count().default(50_000_000).describe("Train on at most this many bytes of text."),
  },
  { error: "a mapping" },
);

const tokenizer = exactlyOne({
  train: z.strictObject({ train: trainedTokenizer.describe("Train a byte-level BPE.") }),
  file: z.strictObject({
    file: pathOrHub().describe(
      "A tokenizer file (`tokenizer.json`, `tokenizer.model`, `vocab.json`) or its folder, relative to the " +
        "recipe's folder; or `hf:ID` or `hf:ID@REVISION` of the hub.",
    ),
  }),
});

export const recipeSchema = z.strictObject(
  {
    name: name().optional().describe("Name of the run; default: the file name without its extension."),
    seed: whole(0).default(1).describe("Seed of all random numbers."),
    seeds: z
      .array(whole(0), { error: "a list of whole numbers" })
      .min(1, { error: "at least one seed" })
      .optional()
      .describe(
        "In place of `seed`: the run is repeated with each of these seeds, and a report shows means and their spread.",
      ),
    holdOut: share(0, 0.5)
      .default(0.02)
      .describe(
        "Share of the documents that is held out from training, the same for every data set. The hash of a " +
          "document's whole text and the `seed` select it, so a text that is held out of one data set is held out of " +
          "all. Data sets used only as a test set are evaluated with `split: all`.",
      ),
    searchHoldOut: share(0, 0.5)
      .default(0.01)
      .describe(
        "Share of the documents that is held out for searches of λ (`merge.lambda: search`), beside `holdOut`; no " +
          "training and no evaluation with `split: validation` reads them. 0 if no strategy searches λ.",
      ),
    data,
    tokenizer: tokenizer
      .optional()
      .describe(
        "Default: with `model.folder` the one in that folder, else a byte-level BPE trained on the training data.",
      ),
    bos: oneOf(...bosChoices)
      .default("auto")
      .describe(
        "Whether BOS precedes every text, in training, evaluation and GGUF files: `auto`, as the tokenizer's files " +
          "say, like transformers; `always` and `never` override them. In conversations the chat template " +
          "decides. Where BOS and EOS are the same token, documents are separated by one, not two.",
      ),
    model,
    training: trainingOnData,
    dtype: oneOf(...computeDTypes)
      .default("bf16")
      .describe(
        "Operand type of matrix products, in training and evaluation; sums, weights and optimizer are always f32. " +
          "`bf16` is up to twice as fast on processors that multiply it; on others, operands are still rounded to " +
          "it. `f16` is for graphics adapters with units for it (`machine.device: webgpu`); the loss is scaled, and " +
          "steps whose gradients overflow change nothing.",
      ),
    shards: countUpTo(10_000)
      .optional()
      .describe(
        "Number of shards of the training data, one per part; default: the number of windows of the first strategy " +
          "with several, else 4.",
      ),
    strategies,
    baselines,
    evaluation: evaluations,
    evaluateAt,
    evaluateParts: truth()
      .default(false)
      .describe("Whether the parts of a strategy's last round are also evaluated, each alone."),
    paper: truth().default(false).describe("Whether the report shows the paper's numbers beside those of this run."),
    search,
    machine,
  },
  { error: "a mapping" },
);

export type WrittenRecipe = z.output<typeof recipeSchema>;
export type WrittenTokenizer = z.output<typeof tokenizer>;
