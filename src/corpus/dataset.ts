/** How a record becomes the text of a document: one of its fields, or a template such as `Question: {question}`. */
export type DocumentText = { readonly field: string } | { readonly template: string };

export type GeneratorKind = "stories" | "problems" | "choices";

/** Where documents come from. `files` may have `*` in the file name. */
export type DatasetSource =
  | { readonly files: readonly string[]; readonly text: DocumentText }
  | { readonly generate: GeneratorKind; readonly documents: number; readonly seed: number; readonly text: DocumentText };
