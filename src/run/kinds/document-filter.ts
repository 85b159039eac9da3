import type { Document } from "../../corpus/documents/documents.js";
import { createHashSet } from "../../corpus/documents/hash-set.js";
import { hashDocument, splitOf, type DocumentSplit } from "../../corpus/documents/split.js";
import type { DataParameters } from "./data.js";

/**
 * Whether a document belongs to a split and, with `duplicates: remove`, is the first one with its text. Called once for
 * each document, in order.
 */
export function createDocumentFilter(
  { holdOut, duplicates }: DataParameters,
  split: DocumentSplit | "all",
): (document: Pick<Document, "text">) => boolean {
  const seen = duplicates === "remove" ? createHashSet() : null;
  return ({ text }) => {
    const hash = hashDocument(text, holdOut.seed);
    if (split !== "all" && splitOf(hash, holdOut) !== split) return false;
    return seen === null || seen.add(hash);
  };
}
