import { StrataError } from "../../errors/strata-error.js";
import type { ChatMessage, RenderChat, RenderOptions } from "./chat-template.js";
import type { Tokenizer } from "../tokenizer.js";

export interface EncodedChat {
  /** Of the whole conversation as the template writes it. */
  readonly ids: readonly number[];
  /** By id: 1 if the assistant says it, with the mark that ends its turn, else 0. */
  readonly isAnswer: Uint8Array;
}

/**
 * The tokens of a conversation and which of them are answers. A token that holds the end of a prompt and the begin of an
 * answer counts as prompt.
 *
 * @throws StrataError if the template writes the begin of a conversation in another way when more follows
 */
export function encodeChat(
  tokenizer: Tokenizer,
  render: RenderChat,
  messages: readonly ChatMessage[],
  options: Omit<RenderOptions, "addGenerationPrompt"> = {},
): EncodedChat {
  const whole = render(messages, options);
  const ids = tokenizer.encode(whole);
  const isAnswer = new Uint8Array(ids.length);
  messages.forEach(({ role }, i) => {
    if (role !== "assistant") return;
    const begin = render(messages.slice(0, i), { ...options, addGenerationPrompt: true });
    const end = i + 1 === messages.length ? whole : render(messages.slice(0, i + 1), options);
    if (!end.startsWith(begin) || !whole.startsWith(end))
      throw changing(i, end.startsWith(begin) ? whole : end, end.startsWith(begin) ? end : begin);
    const [from, to] = [begin, end].map((text) => countIds(tokenizer, text, ids));
    isAnswer.fill(1, from, endOfTurn(tokenizer, ids, from, to));
  });
  return { ids, isAnswer };
}

/** How many of the ids it takes for the text, which is the begin of theirs. */
function countIds(tokenizer: Tokenizer, begin: string, ids: readonly number[]): number {
  const own = tokenizer.encode(begin);
  let same = 0;
  while (same < own.length && own[same] === ids[same]) same++;
  if (same === own.length) return same;
  // The text ends inside a token.
  const { length } = tokenizer.decode(own);
  while (same < ids.length && tokenizer.decode(ids.slice(0, same)).length < length) same++;
  return same;
}

/** Behind the last special token, so that what the template puts between turns is left out; `to` if there is none. */
function endOfTurn(tokenizer: Tokenizer, ids: readonly number[], from: number, to: number): number {
  for (let end = to; end > from; end--) if (tokenizer.isSpecial(ids[end - 1])) return end;
  return to;
}

function changing(message: number, longer: string, shorter: string): StrataError {
  let at = 0;
  while (at < shorter.length && shorter[at] === longer[at]) at++;
  return new StrataError("TokenizerError", {
    where: `messages[${message}]`,
    expected: `a template that goes on with ${JSON.stringify(shorter.slice(at, at + 40))}`,
    got: JSON.stringify(longer.slice(at, at + 40)),
    hint: "The template writes a conversation differently when more follows, so that its answers cannot be told apart: train on all tokens, or use another template.",
  });
}
