import type { SkippedRecords } from "../../corpus/records/bad-records.js";
import { chatEncoder, endToken, partsEncoder } from "../../corpus/tokens/encode-documents.js";
import type { TokenManifest } from "../../corpus/tokens/token-manifest.js";
import { tokenizeDocuments } from "../../corpus/tokens/tokenize.js";
import type { TokenizeOptions, TokenizeProgress } from "../../corpus/tokens/tokenize-options.js";
import { openTrainingDocuments } from "../../corpus/documents/training-documents.js";
import { openChatTemplate } from "../../tokenizer/chat/chat-template.js";
import { openEncodePool, type EncodePool } from "../../tokenizer/pool/encode-pool.js";
import { openTokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import type { JobProgress } from "../../jobs/job-folder.js";
import { trainingData, type DataParameters } from "./data.js";

export type TokenizeParameters = DataParameters;

/** What a job of this kind records. */
export type TokenizeResult = Omit<TokenManifest, "skipped"> & { readonly skipped: SkippedRecords };

/** Each takes 55 to 75 MB with the vocabularies of Llama 2 and 3: so the job stays below 1 GB. One thread reads, and feeds few more. */
const maxThreads = 6;

export async function runTokenize(context: JobContext): Promise<JobResult> {
  const parameters = context.job.parameters as TokenizeParameters;
  const data = trainingData(parameters);
  const folder = context.input("tokenizer");
  const isChat = "messages" in parameters.text;
  // Conversations are encoded in this thread.
  const threads = isChat ? 1 : Math.min(maxThreads, context.threads);
  const pool = openEncodePool(folder, threads);
  const started = performance.now();
  const secondsLeft = createEstimate();
  try {
    const { manifest, skipped } = await tokenizeDocuments({
      open: (from, known) => openTrainingDocuments(data, from, known),
      data,
      lossOn: parameters.lossOn,
      ...openEncoder(folder, isChat, pool),
      callsAtOnce: 2 * threads,
      folder: context.folder,
      signal: context.signal,
      onProgress: (state) => {
        const progress = progressOf(parameters, state);
        context.progress({ ...progress, secondsLeft: secondsLeft(progress) });
      },
    });
    const result: TokenizeResult = { ...manifest, skipped };
    return { seconds: (performance.now() - started) / 1000, result };
  } finally {
    await pool.close();
  }
}

/** Only for conversations does this thread keep the tokenizer. */
function openEncoder(
  folder: string,
  isChat: boolean,
  { encode }: EncodePool,
): Pick<TokenizeOptions, "encode" | "vocabSize"> {
  const tokenizer = openTokenizer(folder);
  const { vocabSize, bosId } = tokenizer;
  const end = endToken(tokenizer, folder);
  return {
    vocabSize,
    encode: isChat ? chatEncoder(tokenizer, openChatTemplate(folder), end) : partsEncoder(encode, { bosId }, end),
  };
}

/** From the speed since the first call: what was there before took no time of this process. */
function createEstimate(): (progress: JobProgress) => number | undefined {
  let first: { readonly at: number; readonly done: number } | null = null;
  return ({ done, total }) => {
    const at = performance.now();
    first ??= { at, done };
    return done > first.done ? (((at - first.at) / (done - first.done)) * Math.max(0, total - done)) / 1000 : undefined;
  };
}

/** Towards the end of the files, or of the cut if it comes first. */
function progressOf(
  { source, limit: cut }: DataParameters,
  { state, tokens, fileBytes }: TokenizeProgress,
): JobProgress {
  const note = `${state.documents} documents, ${tokens} tokens`;
  const ways = [
    ...(fileBytes ? [{ ...fileBytes, unit: "bytes" }] : []),
    ...("synthetic" in source ? [{ done: state.next.record, total: source.documents, unit: "documents" }] : []),
    ...(cut && "bytes" in cut ? [{ done: state.bytes, total: cut.bytes, unit: "bytes of text" }] : []),
    ...(cut && "documents" in cut ? [{ done: state.documents, total: cut.documents, unit: "documents" }] : []),
    ...(cut && "tokens" in cut ? [{ done: tokens, total: cut.tokens, unit: "tokens" }] : []),
  ];
  const nearest = ways.reduce((a, b) => (b.done / b.total > a.done / a.total ? b : a));
  return { ...nearest, note };
}
