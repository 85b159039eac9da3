import { z } from "zod";
import { idPattern } from "../../hub/repository.js";
import { documentSeparator } from "../../corpus/records/formats/plain-text.js";
import { datasetPresetNames } from "../dataset-presets.js";
import { textKeys } from "./text.js";
import { byteCount, count, exactlyOne, oneOf, oneOrMore, text, whole } from "./values.js";

/** The keys of every data set except its source. */
const useKeys = {
  ...textKeys,
  lossOn: oneOf("all", "completions")
    .default("all")
    .describe(
      "Which tokens training predicts and a `loss` counts: `all`; or `completions`: the `completion` and the end " +
        "of the document only, in conversations what the assistant says.",
    ),
  limit: exactlyOne({
    bytes: z.strictObject({
      bytes: byteCount().describe("Bytes of text (UTF-8), such as `400MB`, `1.5GB` or a whole number."),
    }),
    tokens: z.strictObject({ tokens: count().describe("Tokens, including BOS and EOS of each document.") }),
    documents: z.strictObject({ documents: count().describe("Documents.") }),
  })
    .nullable()
    .prefault(null)
    .describe(
      "Train on the first documents only, up to this amount. Held-out documents do not count; evaluations read " +
        "them from the whole data set. `null`: no limit.",
    ),
  duplicates: oneOf("keep", "remove")
    .default("keep")
    .describe("Whether to keep documents whose text already occurred."),
  maxBadRecords: whole(0)
    .default(0)
    .describe(
      "How many bad records may be skipped: unreadable, missing a field or with a field of the wrong type, not " +
        "UTF-8, empty, or above 6 MiB; the rest of a damaged file counts as one. The run reports their number and " +
        "where the first ones are. In an evaluation a record that is not an item of the task, such as a question " +
        "without an answer, is bad too, and the report says how many were skipped.",
    ),
};

const revision = text("a branch, a tag or a commit").default("main").describe("Branch, tag or commit.");
const paths = oneOrMore("a pattern", "a list of patterns")
  .nullable()
  .prefault(null)
  .describe("Files in the repository, instead of config and split: names, or patterns such as `data/*.parquet`.");

const files = z.strictObject({
  files: oneOrMore("a path", "a list of paths").describe(
    "One file or several, relative to the recipe's folder; `*` in a file name matches any characters: `.parquet`; " +
      "`.jsonl`, `.ndjson`, `.json`, `.csv`, `.tsv` or `.txt`, these also with `.gz` or `.zst`. JSON: objects one " +
      "after another, usually one per line, or an array of objects. CSV: rows under a header; a second column `text` " +
      "is `text.1`.",
  ),
  separator: text("a text or null")
    .nullable()
    .default(null)
    .describe(
      "What separates the documents of a `.txt` file; a file without it is one document. " +
        `\`null\`: \`${documentSeparator}\`; if the data set is a single \`.txt\` file without it, ` +
        "blank lines, or line breaks if it has no blank line.",
    ),
  ...useKeys,
});

const hubId = 'the id of a data set, such as "openai/gsm8k"';
const hub = z.strictObject({
  hf: z
    .string({ error: hubId })
    .regex(idPattern, { error: hubId })
    .describe("A data set of the Hugging Face hub, `ORGANIZATION/NAME`. It is downloaded once."),
  config: text("the name of a configuration or null")
    .nullable()
    .default(null)
    .describe("Its configuration; `null` for the only one or the default."),
  split: text("the name of a split").default("train").describe("Its split."),
  revision,
  paths,
  ...useKeys,
});

const preset = z.strictObject({
  preset: oneOf(...datasetPresetNames).describe(
    "A known data set of the hub, with a definition of its documents' text: see below.",
  ),
  config: text("the name of a configuration").optional().describe("A configuration other than the preset's."),
  split: text("the name of a split").optional().describe("A split other than the preset's."),
  revision,
  paths,
  ...useKeys,
});

const synthetic = z.strictObject({
  synthetic: oneOf("stories", "problems", "choices").describe(
    "Synthetic data for first experiments: short stories, arithmetic word problems with answers, multiple-choice " +
      "questions.",
  ),
  documents: count().describe("Number of documents."),
  seed: whole(0).optional().describe("Seed of the synthetic data; default: the recipe's `seed`."),
  ...useKeys,
});

/** A string is short for `files`. */
export const filesOf = (named: string | readonly string[]) => files.parse({ files: named });

/** A part of a data set of the hub, with every default. */
export const hubDataset = (part: Pick<z.input<typeof hub>, "hf" | "config" | "split" | "revision">) => hub.parse(part);

const dataset = z
  .union([text("the path of a file").transform(filesOf), exactlyOne({ files, hf: hub, preset, synthetic })], {
    error: "a data set, or the path of a file",
  })
  .describe("A mapping with one of `files`, `hf`, `preset`, `synthetic`; or the path of a file.");

const named = "a mapping of names to data sets, or the path of a file";

/** The name of the data set if `data` is a path. */
export const onlyDataset = "text";

export const data = z
  .union(
    [
      text(named).transform((path): Record<string, WrittenDataset> => ({ [onlyDataset]: filesOf(path) })),
      z.record(z.string(), dataset, { error: named }),
    ],
    { error: named },
  )
  .describe(
    "Data sets by name. A path instead of a data set means `files`; a path alone is a data set named " +
      `\`${onlyDataset}\`.`,
  );

export type WrittenDataset = z.output<typeof dataset>;
export type WrittenFiles = z.output<typeof files>;
export type WrittenHub = z.output<typeof hub>;
export type WrittenSynthetic = z.output<typeof synthetic>;
