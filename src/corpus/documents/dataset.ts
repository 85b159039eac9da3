/**
 * How a record becomes the text of a document:
 *
 * - `field`: the value of one field
 * - `template`: a template such as `Question: {question}`
 * - `prompt` and `completion`: two templates, tokenized separately
 * - `messages`: a field with the messages of a conversation, which the tokenizer's chat template renders
 */
export type DocumentText =
  | { readonly field: string }
  | { readonly template: string }
  | { readonly prompt: string; readonly completion: string }
  | { readonly messages: string };

export type GeneratorKind = "stories" | "problems" | "choices";

/** Where documents come from. File names may contain `*`; `separator` replaces the default one of `.txt` files. */
export type DatasetSource =
  | { readonly files: readonly string[]; readonly separator?: string; readonly text: DocumentText }
  | {
      readonly synthetic: GeneratorKind;
      readonly documents: number;
      readonly seed: number;
      readonly text: DocumentText;
    };
