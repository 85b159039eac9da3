import { isWhitespace } from "../../../text/jinja/values/whitespace.js";
import type { ChatMessage } from "../../../tokenizer/chat/chat-template.js";

/** A part of a prompt: a turn of a conversation, or text with what separates it from the next part. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  readonly delimiter: string;
}

export function asText(messages: readonly Message[]): string {
  return messages.map(({ content, delimiter }) => content + delimiter).join("");
}

/** As turns of a conversation. */
export function asTurns(messages: readonly Message[]): ChatMessage[] {
  return messages.map(({ role, content }) => ({ role, content }));
}

/** As one turn of the user, after a system message and before the start of an answer if there are any. */
export function asSingleTurn(messages: readonly Message[]): ChatMessage[] {
  const system = messages[0].role === "system" ? messages.slice(0, 1) : [];
  const rest = messages.slice(system.length);
  const start = rest.at(-1)?.role === "assistant" ? rest.slice(-1) : [];
  const asked = rest.slice(0, rest.length - start.length);
  const text = asText(asked.slice(0, -1)) + (asked.at(-1)?.content ?? "");
  return [...asTurns(system), { role: "user", content: text }, ...asTurns(start)];
}

/** Joins two texts, with the delimiter if neither has whitespace there. */
export function joinWith(prefix: string, suffix: string, delimiter: string): string {
  if (prefix === "" || suffix === "") return prefix + suffix;
  return needsDelimiter(prefix, suffix) ? prefix + delimiter + suffix : prefix + suffix;
}

export function needsDelimiter(prefix: string, suffix: string): boolean {
  return prefix !== "" && !endsWithSpace(prefix) && !isWhitespace([...suffix][0] ?? "");
}

export function endsWithSpace(text: string): boolean {
  return isWhitespace([...text].at(-1) ?? "");
}
