import { tokenizeDocuments } from "../../corpus/tokenize.js";
import { openTokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../execute-job.js";
import { trainingTexts, type DataParameters } from "./data.js";

export async function runTokenize(context: JobContext): Promise<JobResult> {
  const data = context.job.parameters as DataParameters;
  const started = performance.now();
  const manifest = await tokenizeDocuments({
    documents: trainingTexts(data),
    tokenizer: openTokenizer(context.input("tokenizer")),
    folder: context.folder,
    onProgress: (documents) => context.progress({ done: documents, total: 0, unit: "documents", note: "" }),
  });
  return { seconds: (performance.now() - started) / 1000, result: manifest };
}
