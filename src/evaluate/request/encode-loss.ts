import type { ChatMessage, RenderChat } from "../../tokenizer/chat/chat-template.js";
import { encodeChat } from "../../tokenizer/chat/encode-chat.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import type { TextCodec } from "./encode.js";
import type { LossDocument } from "../task/encoded-text.js";

/** Tokenizes each part of a document separately. With `completions`, only the last part is predicted. */
export function encodePartsForLoss(
  tokenizer: TextCodec,
  parts: readonly string[],
  lossOn: "all" | "completions",
): LossDocument {
  const ids = parts.map((part, i) =>
    i === 0 ? withoutBos(tokenizer.encode(part), tokenizer) : tokenizer.encode(part),
  );
  const tokens = ids.flat();
  const isAll = lossOn === "all";
  return {
    tokens,
    predicted: [[isAll ? 0 : tokens.length - (ids.at(-1)?.length ?? 0), tokens.length]],
    bytes: Buffer.byteLength(isAll ? parts.join("") : (parts.at(-1) ?? "")),
  };
}

/** Tokenizes a conversation with the chat template. With `completions`, only the assistant's tokens are predicted. */
export function encodeChatForLoss(
  tokenizer: Tokenizer,
  render: RenderChat,
  messages: readonly ChatMessage[],
  lossOn: "all" | "completions",
): LossDocument {
  if (lossOn === "all") {
    const tokens = withoutBos(tokenizer.encode(render(messages)), tokenizer);
    return withBytes(tokenizer, tokens, [[0, tokens.length]]);
  }
  const { ids, isAnswer } = encodeChat(tokenizer, render, messages);
  const tokens = withoutBos([...ids], tokenizer);
  return withBytes(tokenizer, tokens, runsOf(isAnswer.subarray(ids.length - tokens.length)));
}

function withBytes(tokenizer: Tokenizer, tokens: number[], predicted: LossDocument["predicted"]): LossDocument {
  // Alone, a run of tokens may lose a leading space.
  const bytesTo = (end: number) => Buffer.byteLength(tokenizer.decode(tokens.slice(0, end)));
  return { tokens, predicted, bytes: predicted.reduce((sum, [from, to]) => sum + bytesTo(to) - bytesTo(from), 0) };
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
