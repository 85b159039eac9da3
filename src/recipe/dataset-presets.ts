import type { TextRecipe } from "./schema/text.js";

/** A popular data set of the hub, with the definition of its documents' text. */
export interface DatasetPreset {
  readonly hf: string;
  readonly config: string | null;
  readonly split: string;
  readonly text: Exclude<TextRecipe, { readonly messages: string }>;
  /** Remarks in docs/recipe.md. */
  readonly note: string;
}

/**
 * Prompts are those of lm-evaluation-harness (gsm8k version 3, arc version 1), so that models are evaluated in the
 * format they were trained on. MetaMathQA uses GSM8K's prompt, since its questions are derived from it.
 */
const presets = {
  cosmopedia: {
    hf: "HuggingFaceTB/cosmopedia",
    config: "openstax",
    split: "train",
    text: { field: "text" },
    note:
      "126,332 documents, 668 MB with their prompts; the other configurations: auto_math_text, khanacademy, " +
      "stanford, stories, web_samples_v1, web_samples_v2, wikihow.",
  },
  gsm8k: {
    hf: "openai/gsm8k",
    config: "main",
    split: "train",
    text: { prompt: "Question: {question}\nAnswer:", completion: " {answer}" },
    note:
      "The task `gsm8k` brings its data; for a loss on the test set use `split: test` here and `split: all` in the " +
      "evaluation.",
  },
  metamathqa: {
    hf: "meta-math/MetaMathQA",
    config: null,
    split: "train",
    text: { prompt: "Question: {query}\nAnswer:", completion: " {response}" },
    note: "The questions are derived from the training sets of GSM8K and MATH.",
  },
  ai2_arc: {
    hf: "allenai/ai2_arc",
    config: "ARC-Challenge",
    split: "test",
    text: { template: "Question: {question}\nAnswer:" },
    note: "The tasks `arc_challenge` and `arc_easy` bring their data. The other configuration: ARC-Easy.",
  },
  hellaswag: {
    hf: "Rowan/hellaswag",
    config: null,
    split: "validation",
    text: { field: "ctx" },
    note: "The task `hellaswag` brings its data. The test split has no answers.",
  },
} as const satisfies Readonly<Record<string, DatasetPreset>>;

export const datasetPresets: Readonly<Record<string, DatasetPreset>> = presets;
export const datasetPresetNames = Object.keys(presets) as (keyof typeof presets)[];
