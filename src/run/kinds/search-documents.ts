import { join } from "node:path";
import { createBadRecords } from "../../corpus/records/bad-records.js";
import { readDocuments, type Document } from "../../corpus/documents/documents.js";
import { StrataError } from "../../errors/strata-error.js";
import { encodeChatForLoss, encodePartsForLoss } from "../../evaluate/request/encode-loss.js";
import type { EncodedText } from "../../evaluate/task/encoded-text.js";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import { plural } from "../../text/plural.js";
import { openChatTemplate } from "../../tokenizer/chat/chat-template.js";
import { openTokenizer, type Tokenizer } from "../../tokenizer/tokenizer.js";
import { datasetSource, type DataParameters } from "./data.js";
import { createDocumentFilter } from "./document-filter.js";

export interface SearchDocumentsParameters {
  /** The training data sets. */
  readonly data: readonly DataParameters[];
  /** How many documents are wanted, in equal shares of the data sets. */
  readonly documents: number;
}

/** Contains the documents, as a JSON list of `EncodedText`. */
export const searchDocumentsFile = "documents.json";

/** Tokenizes documents of the split `search`: the first ones of each data set. */
export async function runSearchDocuments(context: JobContext): Promise<JobResult> {
  const { data, documents } = context.job.parameters as SearchDocumentsParameters;
  const started = performance.now();
  const folder = context.input("tokenizer");
  const tokenizer = openTokenizer(folder);
  const encoded: EncodedText[] = [];
  for (const [i, set] of data.entries()) {
    const wanted = Math.floor((documents * (i + 1)) / data.length) - Math.floor((documents * i) / data.length);
    for (const document of await firstDocuments(set, wanted)) encoded.push(encode(document, set, folder, tokenizer));
    context.progress({ done: i + 1, total: data.length, unit: "data sets", note: "" });
  }
  const tokens = encoded.reduce((sum, { predicted }) => sum + predicted.reduce((n, [from, to]) => n + to - from, 0), 0);
  if (tokens === 0) throw noDocuments(data, encoded.length);
  if (encoded.length < documents) context.note(`only ${plural(encoded.length, "document")} for the search of λ`);
  const written = encoded.map(({ tokens: ids, predicted }): EncodedText => ({ tokens: ids, predicted }));
  writeJsonAtomic(join(context.folder, searchDocumentsFile), written);
  return { seconds: (performance.now() - started) / 1000, result: { documents: encoded.length, tokens } };
}

/** Reads no further than the last document that is wanted. */
async function firstDocuments(data: DataParameters, wanted: number): Promise<Document[]> {
  const documents: Document[] = [];
  if (wanted === 0) return documents;
  const isChosen = createDocumentFilter(data, "search");
  const bad = createBadRecords(data.maxBadRecords);
  for await (const document of readDocuments(datasetSource(data.source, data.text), { bad })) {
    if (!isChosen(document)) continue;
    documents.push(document);
    if (documents.length === wanted) break;
  }
  return documents;
}

function encode(
  { parts, messages }: Document,
  { text, lossOn }: DataParameters,
  folder: string,
  tokenizer: Tokenizer,
): EncodedText {
  return "messages" in text
    ? encodeChatForLoss(tokenizer, openChatTemplate(folder), messages ?? [], lossOn)
    : encodePartsForLoss(tokenizer, parts, lossOn);
}

function noDocuments(data: readonly DataParameters[], documents: number): StrataError {
  return new StrataError("CorpusError", {
    where: "search of λ",
    expected: `documents held out for it (searchHoldOut: ${data[0]?.holdOut.search ?? 0})`,
    got: documents === 0 ? "none in the training data" : `${plural(documents, "document")} without a token to predict`,
    hint: "Raise `searchHoldOut`, use more data, or give `lambda` as a number.",
  });
}
