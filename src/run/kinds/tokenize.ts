import type { SkippedRecords } from "../../corpus/records/bad-records.js";
import { chatEncoder, eosToken, partsEncoder } from "../../corpus/tokens/encode-documents.js";
import type { TokenManifest } from "../../corpus/tokens/token-manifest.js";
import { tokenizeDocuments } from "../../corpus/tokens/tokenize.js";
import type { TokenizeOptions, TokenizeProgress } from "../../corpus/tokens/tokenize-options.js";
import { openTrainingDocuments } from "../../corpus/documents/training-documents.js";
import { openChatTemplate } from "../../tokenizer/chat/chat-template.js";
import { openEncodePool, type EncodePool } from "../../tokenizer/pool/encode-pool.js";
import { prefixOf, type BosChoice } from "../../tokenizer/bos.js";
import { openTokenizer } from "../../tokenizer/tokenizer.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import type { JobProgress } from "../../jobs/job-folder.js";
import { trainingData, type DataParameters } from "./data.js";

export interface TokenizeParameters extends DataParameters {
  readonly bos: BosChoice;
}

/** The result that a tokenize job records. */
export type TokenizeResult = Omit<TokenManifest, "skipped"> & { readonly skipped: SkippedRecords };

/**
 * A thread takes 55 to 75 MB with the vocabularies of Llama 2 and 3, so the job stays below 1 GB. The one thread that
 * reads records cannot keep many more threads busy.
 */
const maxThreads = 6;

export async function runTokenize(context: JobContext): Promise<JobResult> {
  const parameters = context.job.parameters as TokenizeParameters;
  const data = trainingData(parameters);
  const folder = context.input("tokenizer");
  const isChat = "messages" in parameters.text;
  // Conversations are encoded in this thread, without the pool.
  const threads = isChat ? 1 : Math.min(maxThreads, context.threads);
  const pool = openEncodePool(folder, threads);
  const started = performance.now();
  const secondsLeft = createEstimate();
  try {
    const { manifest, skipped } = await tokenizeDocuments({
      open: (from, known) => openTrainingDocuments(data, from, known),
      data,
      lossOn: parameters.lossOn,
      ...openEncoder(folder, isChat, parameters, pool),
      callsAtOnce: 2 * threads,
      folder: context.folder,
      signal: context.signal,
      onNote: context.note,
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

/** Keeps the tokenizer in this thread only for conversations. */
function openEncoder(
  folder: string,
  isChat: boolean,
  { bos, lossOn }: Pick<TokenizeParameters, "bos" | "lossOn">,
  { encode }: EncodePool,
): Pick<TokenizeOptions, "encode" | "vocabSize"> {
  const tokenizer = openTokenizer(folder);
  const { vocabSize } = tokenizer;
  const prefix = prefixOf(tokenizer, bos);
  const eos = eosToken(tokenizer, folder);
  return {
    vocabSize,
    encode: isChat ? chatEncoder(tokenizer, openChatTemplate(folder), eos, lossOn) : partsEncoder(encode, prefix, eos),
  };
}

/** Estimates the remaining seconds from the speed since the first call, so that resumed work does not count. */
function createEstimate(): (progress: JobProgress) => number | undefined {
  let first: { readonly at: number; readonly done: number } | null = null;
  return ({ done, total }) => {
    const at = performance.now();
    first ??= { at, done };
    return done > first.done ? (((at - first.at) / (done - first.done)) * Math.max(0, total - done)) / 1000 : undefined;
  };
}

/** Progress towards the end of the data or towards the limit, whichever is nearer. */
function progressOf({ source, limit }: DataParameters, { state, tokens, fileBytes }: TokenizeProgress): JobProgress {
  const note = `${state.documents} documents, ${tokens} tokens`;
  const goals = [
    ...(fileBytes ? [{ ...fileBytes, unit: "bytes" }] : []),
    ...("synthetic" in source ? [{ done: state.next.record, total: source.documents, unit: "documents" }] : []),
    ...(limit && "bytes" in limit ? [{ done: state.bytes, total: limit.bytes, unit: "bytes of text" }] : []),
    ...(limit && "documents" in limit ? [{ done: state.documents, total: limit.documents, unit: "documents" }] : []),
    ...(limit && "tokens" in limit ? [{ done: tokens, total: limit.tokens, unit: "tokens" }] : []),
  ];
  const nearest = goals.reduce((a, b) => (b.done / b.total > a.done / a.total ? b : a));
  return { ...nearest, note };
}
