import type { DatasetSource, DocumentText } from "../../corpus/dataset.js";
import { readDocuments, type Document } from "../../corpus/documents.js";
import { isHeldOut } from "../../corpus/split.js";
import { StrataError } from "../../tensor/errors.js";
import type { SourceFile } from "../source-file.js";

/** A data set of the recipe, with its files pinned by their hashes. */
export interface DataParameters {
  readonly source:
    | { readonly files: readonly SourceFile[] }
    | { readonly generate: "stories" | "problems" | "choices"; readonly documents: number; readonly seed: number };
  readonly text: DocumentText;
  /** Share of the documents that is held out for validation, drawn by the hash of their text. */
  readonly validation: number;
  readonly seed: number;
}

export function datasetSource({ source, text }: DataParameters): DatasetSource {
  return "files" in source ? { files: source.files.map(({ path }) => path), text } : { ...source, text };
}

/** The documents that are not held out. */
export async function* trainingTexts(data: DataParameters): AsyncIterable<string> {
  for await (const { text } of readDocuments(datasetSource(data))) {
    if (!isHeldOut(text, data.validation, data.seed)) yield text;
  }
}

/**
 * The documents of an evaluation task, in the order of the source.
 *
 * @param limit  the first so many; null for all
 * @throws StrataError if there is none: a score of nothing means nothing
 */
export async function taskDocuments(
  task: string, data: DataParameters, split: "validation" | "all", limit: number | null,
): Promise<Document[]> {
  const chosen: Document[] = [];
  for await (const document of readDocuments(datasetSource(data))) {
    if (limit !== null && chosen.length >= limit) break;
    if (split === "all" || isHeldOut(document.text, data.validation, data.seed)) chosen.push(document);
  }
  if (chosen.length > 0) return chosen;
  throw new StrataError("EvaluationError", {
    where: `evaluation task ${task}`,
    expected: split === "all" ? "documents" : `held-out documents (validation: ${data.validation})`,
    got: "none",
    hint: "Give the data set more documents or a larger share for validation, or use split: all.",
  });
}
