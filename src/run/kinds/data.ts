import { createBadRecords } from "../../corpus/bad-records.js";
import type { DatasetSource, DocumentText } from "../../corpus/dataset.js";
import { readDocuments, type Document } from "../../corpus/documents.js";
import { createHashSet } from "../../corpus/hash-set.js";
import { hashDocument, isHeldOut } from "../../corpus/split.js";
import { openTrainingDocuments, type TrainingData } from "../../corpus/training-documents.js";
import { StrataError } from "../../tensor/errors.js";
import type { SourceFile } from "../source-file.js";

/** A data set of the recipe, with its files pinned by their hashes. */
export interface DataParameters extends Omit<TrainingData, "source"> {
  readonly source:
    | { readonly files: readonly SourceFile[] }
    | { readonly generate: "stories" | "problems" | "choices"; readonly documents: number; readonly seed: number };
  readonly text: DocumentText;
  /** What of a document is to be predicted: all of it, or its answer. */
  readonly lossOn: "all" | "answers";
}

export function trainingData({ source, text, ...data }: DataParameters): TrainingData {
  return { ...data, source: datasetSource(source, text) };
}

function datasetSource(source: DataParameters["source"], text: DocumentText): DatasetSource {
  return "files" in source ? { files: source.files.map(({ path }) => path), text } : { ...source, text };
}

/** The texts of the documents that are trained on; all of them if the data set is cut by tokens. */
export async function* trainingTexts(data: DataParameters): AsyncIterable<string> {
  for await (const { parts } of openTrainingDocuments(trainingData(data)).documents) yield parts.join("");
}

/**
 * The documents of an evaluation task, in the order of the source.
 *
 * @param limit  the first so many; null for all
 * @param note  takes a line for each bad record that is shown, and their number
 * @throws StrataError if there is none: a score of nothing means nothing
 */
export async function taskDocuments(
  task: string, data: DataParameters, split: "validation" | "all", limit: number | null, note: (line: string) => void,
): Promise<Document[]> {
  const chosen: Document[] = [];
  const seen = data.duplicates === "remove" ? createHashSet() : null;
  const bad = createBadRecords(data.skipBad);
  for await (const document of readDocuments(datasetSource(data.source, data.text), { bad })) {
    if (limit !== null && chosen.length >= limit) break;
    const hash = hashDocument(document.text, data.seed);
    if (split === "validation" && !isHeldOut(hash, data.validation)) continue;
    if (seen === null || seen.add(hash)) chosen.push(document);
  }
  const { count, first } = bad.skipped();
  if (count > 0) for (const line of [`${task}: ${count} bad ${count === 1 ? "record" : "records"} skipped`, ...first]) note(line);
  if (chosen.length > 0) return chosen;
  throw new StrataError("EvaluationError", {
    where: `evaluation task ${task}`,
    expected: split === "all" ? "documents" : `held-out documents (validation: ${data.validation})`,
    got: "none",
    hint: "Give the data set more documents or a larger share for validation, or use split: all.",
  });
}
