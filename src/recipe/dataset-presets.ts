import type { TextRecipe } from "./recipe.js";

/** A data set of the hub that people name often, with the text of its documents. */
export interface DatasetPreset {
  readonly hf: string;
  readonly config: string | null;
  readonly split: string;
  readonly text: Exclude<TextRecipe, { readonly messages: string }>;
  /** For the reference. */
  readonly note: string;
}

/**
 * Prompts are those of lm-evaluation-harness (gsm8k version 3, arc version 1), so that a model trained on them is asked in the
 * form that it has learnt; MetaMathQA's questions take the form of GSM8K's, from which they are made.
 */
const presets = {
  cosmopedia: {
    hf: "HuggingFaceTB/cosmopedia",
    config: "openstax",
    split: "train",
    text: { field: "text" },
    note:
      "126,332 documents, 668 MB with their prompts; the other configurations: auto_math_text, khanacademy, stanford, stories, " +
      "web_samples_v1, web_samples_v2, wikihow.",
  },
  gsm8k: {
    hf: "openai/gsm8k",
    config: "main",
    split: "train",
    text: { template: "Question: {question}\nAnswer:", answer: " {answer}" },
    note: "For exact-match take `split: test` here and `split: all` in the evaluation, with another `gsm8k` as `fewShotData`.",
  },
  metamathqa: {
    hf: "meta-math/MetaMathQA",
    config: null,
    split: "train",
    text: { template: "Question: {query}\nAnswer:", answer: " {response}" },
    note: "The questions are made from the training sets of GSM8K and MATH.",
  },
  ai2_arc: {
    hf: "allenai/ai2_arc",
    config: "ARC-Challenge",
    split: "test",
    text: { template: "Question: {question}\nAnswer:", answer: null },
    note: "For multiple-choice, with `split: all` in the evaluation; the other configuration: ARC-Easy.",
  },
  hellaswag: {
    hf: "Rowan/hellaswag",
    config: null,
    split: "validation",
    text: { field: "ctx" },
    note: "For multiple-choice, with `split: all` in the evaluation; its test split has no answers.",
  },
} as const satisfies Readonly<Record<string, DatasetPreset>>;

export const datasetPresets: Readonly<Record<string, DatasetPreset>> = presets;
export const datasetPresetNames = Object.keys(presets) as (keyof typeof presets)[];
