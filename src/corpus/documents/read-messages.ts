import type { ChatMessage } from "../../tokenizer/chat/chat-template.js";
import { StrataError } from "../../errors/strata-error.js";
import { missingField } from "./render-text.js";

/** The messages in a field of a record. @returns the error if the field is missing or holds something else */
export function readMessages(
  field: string,
  record: Readonly<Record<string, unknown>>,
  where: string,
): readonly ChatMessage[] | StrataError {
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  if (value === undefined) return new StrataError("CorpusError", { where, ...missingField(field, record) });
  if (Array.isArray(value) && value.every(isMessage)) return value;
  const wrong: unknown = Array.isArray(value) ? value.find((message) => !isMessage(message)) : value;
  return new StrataError("CorpusError", {
    where,
    expected: `a list of messages with \`role\` in the field "${field}"`,
    got: (JSON.stringify(wrong) ?? "nothing").slice(0, 60),
    hint: "Correct or remove this record, or name another field.",
  });
}

function isMessage(value: unknown): value is ChatMessage {
  return typeof value === "object" && value !== null && typeof (value as { role?: unknown }).role === "string";
}
