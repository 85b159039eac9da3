import { StrataError } from "../../errors/strata-error.js";
import type { ChatMessage, RenderChat, RenderedChat, RenderOptions } from "./chat-template.js";
import type { Tokenizer } from "../tokenizer.js";

export interface EncodedChat {
  /** The ids of the whole rendered conversation. */
  readonly ids: readonly number[];
  /** By id: 1 for the assistant's messages, including the end-of-turn token, else 0. */
  readonly isAnswer: Uint8Array;
}

type ConversationOptions = Omit<RenderOptions, "addGenerationPrompt">;

/**
 * Encodes a conversation and marks the tokens of the assistant's messages.
 *
 * If the template has `{% generation %}` blocks, these are the tokens that overlap with their text, as in the assistant
 * mask of transformers. Otherwise they are found by rendering the conversation up to each message; a token that spans
 * the end of a prompt and the start of the answer counts as prompt.
 *
 * @throws StrataError if the template has no such blocks, and renders the start of a conversation differently when more
 * messages follow
 */
export function encodeChat(
  tokenizer: Tokenizer,
  render: RenderChat,
  messages: readonly ChatMessage[],
  options: ConversationOptions = {},
): EncodedChat {
  const { text, generated }: RenderedChat = render.withMarks?.(messages, options) ?? {
    text: render(messages, options),
    generated: null,
  };
  const ids = tokenizer.encode(text);
  const isAnswer = new Uint8Array(ids.length);
  if (generated === null) markByPrefixes({ tokenizer, render, messages, options, text, ids, isAnswer });
  else
    for (const [start, end] of generated) {
      const from = boundary(tokenizer, text.slice(0, start), ids).before;
      isAnswer.fill(1, from, Math.max(from, boundary(tokenizer, text.slice(0, end), ids).after));
    }
  return { ids, isAnswer };
}

interface Conversation extends EncodedChat {
  readonly tokenizer: Tokenizer;
  readonly render: RenderChat;
  readonly messages: readonly ChatMessage[];
  readonly options: ConversationOptions;
  readonly text: string;
}

function markByPrefixes({ tokenizer, render, messages, options, text, ids, isAnswer }: Conversation): void {
  messages.forEach(({ role }, i) => {
    if (role !== "assistant") return;
    const prompt = render(messages.slice(0, i), { ...options, addGenerationPrompt: true });
    const end = i + 1 === messages.length ? text : render(messages.slice(0, i + 1), options);
    if (!end.startsWith(prompt)) throw inconsistent(i, end, prompt);
    if (!text.startsWith(end)) throw inconsistent(i, text, end);
    const [from, to] = [prompt, end].map((prefix) => boundary(tokenizer, prefix, ids).after);
    isAnswer.fill(1, from, endOfTurn(tokenizer, ids, from, to));
  });
}

/**
 * How many of the leading ids end in `prefix`, a prefix of their text, and how many start in it: these numbers differ
 * by one if the prefix ends inside a token.
 */
function boundary(tokenizer: Tokenizer, prefix: string, ids: readonly number[]): { before: number; after: number } {
  const prefixIds = tokenizer.encode(prefix);
  let same = 0;
  while (same < prefixIds.length && prefixIds[same] === ids[same]) same++;
  if (same === prefixIds.length) return { before: same, after: same };
  // The prefix ends inside a token of `ids`.
  const { length } = tokenizer.decode(prefixIds);
  let decoded = tokenizer.decode(ids.slice(0, same)).length;
  while (same < ids.length && decoded < length) decoded = tokenizer.decode(ids.slice(0, ++same)).length;
  return { before: decoded > length ? same - 1 : same, after: same };
}

/** The position after the last special token, which excludes text between turns; `to` if there is none. */
function endOfTurn(tokenizer: Tokenizer, ids: readonly number[], from: number, to: number): number {
  for (let end = to; end > from; end--) if (tokenizer.isSpecial(ids[end - 1])) return end;
  return to;
}

function inconsistent(message: number, longer: string, shorter: string): StrataError {
  let at = 0;
  while (at < shorter.length && shorter[at] === longer[at]) at++;
  return new StrataError("TokenizerError", {
    where: `messages[${message}]`,
    expected: `a template that continues with ${JSON.stringify(shorter.slice(at, at + 40))}`,
    got: JSON.stringify(longer.slice(at, at + 40)),
    hint:
      "The template renders a message differently when more messages follow, so the assistant's tokens cannot be " +
      "located. Train on all tokens (`lossOn: all`), mark the assistant's text in the template with " +
      "{% generation %} blocks, or use a template that renders every message the same way, whatever follows.",
  });
}
