import type { DatasetSource, DocumentText } from "../../corpus/documents/dataset.js";
import { openTrainingDocuments, type TrainingData } from "../../corpus/documents/training-documents.js";
import type { SourceFile } from "../../jobs/source-file.js";

/** A data set of the recipe, with the hashes of its files. */
export interface DataParameters extends Omit<TrainingData, "source"> {
  readonly source:
    | { readonly files: readonly SourceFile[]; readonly separator?: string }
    | { readonly synthetic: "stories" | "problems" | "choices"; readonly documents: number; readonly seed: number };
  readonly text: DocumentText;
  /** Which tokens of a document are predicted: all, or those of its completion. */
  readonly lossOn: "all" | "completions";
}

export function trainingData({ source, text, ...data }: DataParameters): TrainingData {
  return { ...data, source: datasetSource(source, text) };
}

export function datasetSource(source: DataParameters["source"], text: DocumentText): DatasetSource {
  return "files" in source ? { ...source, files: source.files.map(({ path }) => path), text } : { ...source, text };
}

/** The texts of the training documents. A limit in tokens is not applied. */
export async function* trainingTexts(data: DataParameters): AsyncIterable<string> {
  for await (const { document } of openTrainingDocuments(trainingData(data)).chunks)
    if (document) yield document.parts.join("");
}
