import type { DatasetSource, DocumentText } from "../../corpus/documents/dataset.js";
import { openTrainingDocuments, type TrainingData } from "../../corpus/documents/training-documents.js";
import type { SourceFile } from "../../jobs/source-file.js";

/** A data set of the recipe, with its files pinned by their hashes. */
export interface DataParameters extends Omit<TrainingData, "source"> {
  readonly source:
    | { readonly files: readonly SourceFile[]; readonly separator?: string }
    | { readonly synthetic: "stories" | "problems" | "choices"; readonly documents: number; readonly seed: number };
  readonly text: DocumentText;
  /** What of a document is to be predicted: all of it, or its answer. */
  readonly lossOn: "all" | "completions";
}

export function trainingData({ source, text, ...data }: DataParameters): TrainingData {
  return { ...data, source: datasetSource(source, text) };
}

export function datasetSource(source: DataParameters["source"], text: DocumentText): DatasetSource {
  return "files" in source ? { ...source, files: source.files.map(({ path }) => path), text } : { ...source, text };
}

/** The texts of the documents that are trained on; all of them if the data set is cut by tokens. */
export async function* trainingTexts(data: DataParameters): AsyncIterable<string> {
  for await (const { document } of openTrainingDocuments(trainingData(data)).pieces)
    if (document) yield document.parts.join("");
}
