import type { ChatMessage, RenderChat } from "../../tokenizer/chat/chat-template.js";
import { encodeChat } from "../../tokenizer/chat/encode-chat.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import type { TextCodec } from "./encode.js";
import type { EncodedText } from "../task/item.js";

/** Tokenizes each part of a document separately. With `completions`, only the last part is predicted. */
export function encodePartsForLoss(
  tokenizer: TextCodec,
  parts: readonly string[],
  lossOn: "all" | "completions",
): EncodedText {
  const ids = parts.map((part, i) =>
    i === 0 ? withoutBos(tokenizer.encode(part), tokenizer) : tokenizer.encode(part),
  );
  const tokens = ids.flat();
  return {
    tokens,
    predicted: [[lossOn === "completions" ? tokens.length - (ids.at(-1)?.length ?? 0) : 0, tokens.length]],
  };
}

/** Tokenizes a conversation with the chat template. With `completions`, only the assistant's tokens are predicted. */
export function encodeChatForLoss(
  tokenizer: Tokenizer,
  render: RenderChat,
  messages: readonly ChatMessage[],
  lossOn: "all" | "completions",
): EncodedText {
  if (lossOn === "all") {
    const tokens = withoutBos(tokenizer.encode(render(messages)), tokenizer);
    return { tokens, predicted: [[0, tokens.length]] };
  }
  const { ids, isAnswer } = encodeChat(tokenizer, render, messages);
  const tokens = withoutBos([...ids], tokenizer);
  return { tokens, predicted: runsOf(isAnswer.subarray(ids.length - tokens.length)) };
}

/** The runs of ones, as [from, to) in order. */
function runsOf(flags: Uint8Array): [number, number][] {
  const runs: [number, number][] = [];
  for (let at = flags.indexOf(1); at !== -1; at = flags.indexOf(1, at)) {
    const from = at;
    while (flags[at] === 1) at++;
    runs.push([from, at]);
  }
  return runs;
}

function withoutBos(ids: number[], { bosId }: TextCodec): number[] {
  return ids.length > 0 && ids[0] === bosId ? ids.slice(1) : ids;
}
