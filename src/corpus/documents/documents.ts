import type { ChatMessage } from "../../tokenizer/chat/chat-template.js";
import { StrataError } from "../../errors/strata-error.js";
import { createBadRecords, type BadRecords } from "../records/bad-records.js";
import type { DatasetSource, DocumentText } from "./dataset.js";
import type { PlacedRecord } from "../records/read-record.js";
import { readRecords, type ReadingOptions, type RecordPosition } from "../records/records.js";
import { formatMessages } from "./format-messages.js";
import { readMessages } from "./read-messages.js";
import { renderParts } from "./render-text.js";

export interface Document extends PlacedRecord {
  /** The text that is hashed. For a conversation, its messages as JSON. */
  readonly text: string;
  /** One part, or prompt and completion; for a conversation, the content of each message. */
  readonly parts: readonly string[];
  /** Null unless the document is a conversation. */
  readonly messages: readonly ChatMessage[] | null;
  /** The position of the record after this one. */
  readonly next: RecordPosition;
}

export interface DocumentOptions extends ReadingOptions {
  /** Collects unusable records. Without it the first bad record is an error. */
  readonly bad?: BadRecords;
}

/**
 * Streams the documents of a data set in the order of its files.
 *
 * @throws StrataError naming file and line, if `bad` accepts no more records
 */
export async function* readDocuments(source: DatasetSource, options: DocumentOptions = {}): AsyncIterable<Document> {
  const { bad = createBadRecords(0) } = options;
  for await (const read of readRecords(source, options)) {
    const document = "error" in read ? read.error : renderDocument(source.text, read);
    if (document instanceof StrataError) bad.add(document);
    else yield { ...document, next: read.next };
  }
}

/** The document of a record. @returns the error if the record has none */
export function renderDocument(
  text: DocumentText,
  { record, where }: PlacedRecord,
): Omit<Document, "next"> | StrataError {
  const messages = "messages" in text ? readMessages(text.messages, record, where) : null;
  if (messages instanceof StrataError) return messages;
  const parts = "messages" in text ? (messages ?? []).map(contentOf) : renderParts(text, record, where);
  if (parts instanceof StrataError) return parts;
  const whole = parts.join("");
  if (!whole.isWellFormed())
    return new StrataError("CorpusError", {
      where,
      expected: "Unicode text",
      got: "half of a surrogate pair, such as \\ud83d without \\ude00",
      hint: "Correct or remove this record: the program that wrote it cut a character in two.",
    });
  // A message without content may have others, such as tool calls.
  if (whole.trim() !== "" || (messages !== null && messages.length > 0))
    return { text: messages === null ? whole : formatMessages(messages), parts, messages, record, where };
  return new StrataError("CorpusError", {
    where,
    expected: "a non-empty document",
    got: "an empty one",
    hint: "Remove this record, or skip it with `maxBadRecords`.",
  });
}

function contentOf({ content }: ChatMessage): string {
  return typeof content === "string" ? content : formatMessages(content ?? "");
}
