import { statSync } from "node:fs";
import type { DocumentText } from "../../corpus/documents/dataset.js";
import type { Document } from "../../corpus/documents/documents.js";
import { fieldsOf } from "../../corpus/documents/render-text.js";
import { compressionOf, maxRecordBytes } from "../../corpus/records/formats/read-bytes.js";
import type { DataParameters } from "../kinds/data.js";
import type { KnownTokenizer } from "./check-tokenizer.js";
import type { FirstItems } from "./first-items.js";

/** What a data set cannot exceed when it is tokenized; infinite if that is not known. */
export interface TokenBound {
  readonly documents: number;
  readonly tokens: number;
  /** Tokens of one document. */
  readonly longest: number;
}

/** A synthetic text is shorter. */
const syntheticBytes = 4096;
/** DEFLATE compresses no better. Of zstd and parquet files, the size says nothing. */
const gzipRatio = 1032;
/** A number such as 1e20 is printed with more characters than it is written with. */
const printedRatio = 8;
/** Tokens per byte at most: of a byte-level BPE; with a normalizer that lengthens texts; of a rendered conversation. */
const tokensPerByte = { trained: 1, normalized: 16, chat: 1000 };

/** Encoding more characters would be felt while planning. */
const maxEncoded = 2 ** 20;

/**
 * An upper bound: from the encoded documents if all of them were read and are short, else from bytes, as no token is
 * shorter than a byte. Exact in the number of documents if all of them were read.
 *
 * @param first      the first training documents
 * @param tokenizer  null if the run trains it: a byte-level BPE without normalizer
 */
export function boundTokens(
  data: DataParameters,
  first: FirstItems<Document>,
  tokenizer: KnownTokenizer | null,
): TokenBound {
  const maxTokens = data.limit !== null && "tokens" in data.limit ? data.limit.tokens : Infinity;
  const counted = first.isComplete && !("messages" in data.text) ? countTokens(first.items, tokenizer) : null;
  if (counted !== null) {
    const { documents, tokens, longest } = counted;
    return { documents, tokens: Math.min(tokens, maxTokens), longest: Math.min(longest, maxTokens) };
  }
  const text = first.isComplete ? boundRead(first.items) : boundSource(data);
  const limited = withLimit(text, data.limit);
  const ratio =
    "messages" in data.text
      ? tokensPerByte.chat
      : tokenizer === null
        ? tokensPerByte.trained
        : tokensPerByte.normalized;
  // BOS, or what the tokenizer puts in front, and EOS.
  const added = (tokenizer?.prefix.length ?? 1) + 1;
  const tokens = limited.bytes * ratio + added * limited.documents;
  return {
    documents: limited.documents,
    tokens: Math.min(tokens, maxTokens),
    longest: Math.min(tokens, maxTokens, limited.longest * ratio + added),
  };
}

/** @returns null if the run trains the tokenizer, or the documents are too long to be encoded twice */
function countTokens(documents: readonly Document[], known: KnownTokenizer | null): TokenBound | null {
  if (known === null || documents.reduce((sum, { text }) => sum + text.length, 0) > maxEncoded) return null;
  const { tokenizer, prefix } = known;
  const counts = documents.map(({ parts }) =>
    parts.reduce((sum, part) => sum + tokenizer.encode(part).length, prefix.length + 1),
  );
  return {
    documents: counts.length,
    tokens: counts.reduce((sum, count) => sum + count, 0),
    longest: Math.max(0, ...counts),
  };
}

interface TextBound {
  readonly documents: number;
  /** Of text in UTF-8. */
  readonly bytes: number;
  /** Bytes of one document. */
  readonly longest: number;
}

function boundRead(documents: readonly Document[]): TextBound {
  const sizes = documents.map(({ text }) => Buffer.byteLength(text));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { documents: sizes.length, bytes, longest: Math.max(0, ...sizes) };
}

function boundSource({ source, text }: DataParameters): TextBound {
  if ("synthetic" in source) {
    const { documents } = source;
    return { documents, bytes: documents * syntheticBytes, longest: syntheticBytes };
  }
  const written = source.files.reduce((sum, { path }) => sum + unpackedBytes(path), 0);
  // A document has at least one byte, and another one separates it from the next.
  const documents = Math.floor(written / 2) + source.files.length;
  const { fields, literal } = templateOf(text);
  const bytesOf = (record: number) => fields * record + literal;
  return { documents, bytes: fields * written + literal * documents, longest: bytesOf(maxRecordBytes) };
}

function unpackedBytes(path: string): number {
  const compression = compressionOf(path);
  if (compression === "zstd" || path.toLowerCase().endsWith(".parquet")) return Infinity;
  return statSync(path).size * (compression === "gzip" ? gzipRatio : 1);
}

/** How often a document can hold the bytes of its record, and the bytes that its template adds. */
function templateOf(text: DocumentText): { readonly fields: number; readonly literal: number } {
  if ("field" in text || "messages" in text) return { fields: 1, literal: 0 };
  const literal = Buffer.byteLength("template" in text ? text.template : text.prompt + text.completion);
  return { fields: printedRatio * Math.max(1, fieldsOf(text).length), literal };
}

function withLimit(bound: TextBound, limit: DataParameters["limit"]): TextBound {
  if (limit === null || "tokens" in limit) return bound;
  if ("bytes" in limit) return { ...bound, bytes: Math.min(bound.bytes, limit.bytes) };
  const documents = Math.min(bound.documents, limit.documents);
  return { ...bound, documents, bytes: Math.min(bound.bytes, documents * bound.longest) };
}
