import type { EncodeTexts } from "../../corpus/encode-batches.js";
import { tokenizeDocuments, type TokenizeProgress } from "../../corpus/tokenize.js";
import { openTrainingDocuments } from "../../corpus/training-documents.js";
import { openTokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../execute-job.js";
import type { JobProgress } from "../job-folder.js";
import { trainingData, type DataParameters } from "./data.js";

export async function runTokenize(context: JobContext): Promise<JobResult> {
  const parameters = context.job.parameters as DataParameters;
  const data = trainingData(parameters);
  const tokenizer = openTokenizer(context.input("tokenizer"));
  const encode: EncodeTexts = async (texts) => texts.map((text) => Int32Array.from(tokenizer.encode(text)));
  const started = performance.now();
  const { manifest, skipped } = await tokenizeDocuments({
    open: (from, known) => openTrainingDocuments(data, from, known),
    data,
    lossOn: parameters.lossOn,
    tokenizer,
    encode,
    callsAtOnce: 2 * context.threads,
    folder: context.folder,
    signal: context.signal,
    onProgress: (progress) => context.progress(progressOf(parameters, progress)),
  });
  return { seconds: (performance.now() - started) / 1000, result: { ...manifest, skipped } };
}

/** Towards the end of the files, or of the cut if it comes first. */
function progressOf({ source, first }: DataParameters, { state, tokens, fileBytes }: TokenizeProgress): JobProgress {
  const note = `${state.documents} documents, ${tokens} tokens`;
  const ways = [
    ...(fileBytes ? [{ ...fileBytes, unit: "bytes" }] : []),
    ...("generate" in source ? [{ done: state.next.record, total: source.documents, unit: "documents" }] : []),
    ...(first && "bytes" in first ? [{ done: state.bytes, total: first.bytes, unit: "bytes of text" }] : []),
    ...(first && "documents" in first ? [{ done: state.documents, total: first.documents, unit: "documents" }] : []),
    ...(first && "tokens" in first ? [{ done: tokens, total: first.tokens, unit: "tokens" }] : []),
  ];
  const nearest = ways.reduce((a, b) => (b.done / b.total > a.done / a.total ? b : a));
  return { ...nearest, note };
}
