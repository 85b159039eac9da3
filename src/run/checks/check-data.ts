import type { Document } from "../../corpus/documents/documents.js";
import { fieldsOf } from "../../corpus/documents/render-text.js";
import type { DataParameters } from "../kinds/data.js";
import { createDocumentFilter } from "../kinds/document-filter.js";
import type { TryChat } from "./check-tokenizer.js";
import { readFirstItems, type FirstItems } from "./first-items.js";

/**
 * Reads the first documents of a data set that is trained on.
 *
 * @param tryChat  null unless the documents are conversations that are tokenized
 * @throws StrataError naming file and record, for a record that cannot be used
 */
export async function checkTrainingData(data: DataParameters, tryChat: TryChat | null): Promise<FirstItems<Document>> {
  const first = await readFirstItems(data, {
    fields: fieldsOf(data.text),
    isChosen: createDocumentFilter(data, "training"),
    itemOf: (document) => document,
    isEnough: isEnough(data),
  });
  // A template that fails is not a bad record: tokenizing fails with it.
  if (tryChat !== null) for (const { messages, where } of first.items) tryChat(messages ?? [], where);
  return first;
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
