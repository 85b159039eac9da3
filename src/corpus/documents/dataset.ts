/**
 * How a record becomes a document: one of its fields; or a template such as `Question: {question}`, and if there is an
 * answer, a second template whose text stands behind it and is tokenised apart; or a field that holds the messages of a
 * conversation, which the tokenizer's chat template writes.
 */
export type DocumentText =
  | { readonly field: string }
  | { readonly template: string }
  | { readonly prompt: string; readonly completion: string }
  | { readonly messages: string };

export type GeneratorKind = "stories" | "problems" | "choices";

/** Where documents come from. `files` may have `*` in the file name; `separator` is that of `.txt` files, if not the usual one. */
export type DatasetSource =
  | { readonly files: readonly string[]; readonly separator?: string; readonly text: DocumentText }
  | {
      readonly synthetic: GeneratorKind;
      readonly documents: number;
      readonly seed: number;
      readonly text: DocumentText;
    };
