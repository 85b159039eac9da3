import type { Document } from "../../corpus/documents/documents.js";
import { fieldsOf } from "../../corpus/documents/render-text.js";
import type { DataParameters } from "../kinds/data.js";
import { createDocumentFilter } from "../kinds/document-filter.js";
import { readFirstItems, type FirstItems } from "./first-items.js";

/**
 * Reads the first documents of a data set that is trained on.
 *
 * @throws StrataError naming file and record, for a record that cannot be used
 */
export function readFirstDocuments(data: DataParameters): Promise<FirstItems<Document>> {
  return readFirstItems(data, {
    fields: fieldsOf(data.text),
    isChosen: createDocumentFilter(data, "training"),
    itemOf: (document) => document,
    isEnough: isEnough(data),
  });
}

function isEnough({ limit }: DataParameters): ((documents: readonly Document[]) => boolean) | null {
  if (limit === null) return null;
  if ("documents" in limit) return (documents) => documents.length >= limit.documents;
  if ("tokens" in limit) return () => false;
  let [counted, bytes] = [0, 0];
  return (documents) => {
    while (counted < documents.length) bytes += Buffer.byteLength(documents[counted++].text);
    return bytes > limit.bytes;
  };
}
