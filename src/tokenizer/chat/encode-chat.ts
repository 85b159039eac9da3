import { StrataError } from "../../errors/strata-error.js";
import type { ChatMessage, RenderChat, RenderOptions } from "./chat-template.js";
import type { Tokenizer } from "../tokenizer.js";

export interface EncodedChat {
  /** The ids of the whole rendered conversation. */
  readonly ids: readonly number[];
  /** By id: 1 for the assistant's messages, including the end-of-turn token, else 0. */
  readonly isAnswer: Uint8Array;
}

/**
 * Encodes a conversation and marks the tokens of the assistant's messages. A token that spans the end of a prompt and
 * the start of the answer counts as prompt.
 *
 * @throws StrataError if the template renders the start of a conversation differently when more messages follow
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
    const prompt = render(messages.slice(0, i), { ...options, addGenerationPrompt: true });
    const end = i + 1 === messages.length ? whole : render(messages.slice(0, i + 1), options);
    if (!end.startsWith(prompt)) throw inconsistent(i, end, prompt);
    if (!whole.startsWith(end)) throw inconsistent(i, whole, end);
    const [from, to] = [prompt, end].map((text) => countIds(tokenizer, text, ids));
    isAnswer.fill(1, from, endOfTurn(tokenizer, ids, from, to));
  });
  return { ids, isAnswer };
}

/** The number of leading ids that cover `prefix`, a prefix of the text of `ids`. */
function countIds(tokenizer: Tokenizer, prefix: string, ids: readonly number[]): number {
  const prefixIds = tokenizer.encode(prefix);
  let same = 0;
  while (same < prefixIds.length && prefixIds[same] === ids[same]) same++;
  if (same === prefixIds.length) return same;
  // The prefix ends inside a token of `ids`.
  const { length } = tokenizer.decode(prefixIds);
  while (same < ids.length && tokenizer.decode(ids.slice(0, same)).length < length) same++;
  return same;
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
      "located. Use a template that renders every message the same way, whatever follows.",
  });
}
