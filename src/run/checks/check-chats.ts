import type { Document } from "../../corpus/documents/documents.js";
import { atRecord, StrataError } from "../../errors/strata-error.js";
import { plural } from "../../text/plural.js";
import { openChatTemplate, type RenderChat } from "../../tokenizer/chat/chat-template.js";
import { encodeChat } from "../../tokenizer/chat/encode-chat.js";
import type { KnownTokenizer } from "./check-tokenizer.js";

/** Rendering takes milliseconds. */
const maxChats = 200;

/**
 * Encodes the first conversations of a data set as its job will do.
 *
 * @param where  the job or task, for a message about all of them
 * @param known  null for a tokenizer that the run trains, which has no chat template
 * @throws StrataError if there is no usable chat template, if it fails, or if nothing is predicted
 */
export function checkChats(
  where: string,
  documents: readonly Document[],
  lossOn: "all" | "completions",
  known: KnownTokenizer | null,
): void {
  if (known === null) {
    throw new StrataError("TokenizerError", {
      where,
      expected: "a tokenizer with a chat template, for conversations",
      got: "one that the recipe trains, which has none",
      hint: "Use the tokenizer of a chat model (`tokenizer: { file: … }`), or `template` instead of `messages`.",
    });
  }
  const render = openChatTemplate(known.folder);
  const first = documents.slice(0, maxChats);
  if (lossOn === "all") {
    // No answer has to be found, so the template may render earlier turns differently when more messages follow.
    for (const { messages, where: place } of first) atRecord(place, () => render(messages ?? []));
    return;
  }
  const answers = first.filter((document) => hasAnswer(document, known, render));
  if (first.length === 0 || answers.length > 0) return;
  throw new StrataError("CorpusError", {
    where,
    expected: "messages with the role assistant, because `lossOn: completions` predicts only them",
    got: `none in the first ${first.length === 1 ? "conversation" : plural(first.length, "conversation")}`,
    hint: "Rename the role in the data, or write `lossOn: all`.",
  });
}

/** Whether a token of the conversation belongs to an answer. */
function hasAnswer({ messages, where }: Document, { tokenizer }: KnownTokenizer, render: RenderChat): boolean {
  return atRecord(where, () => encodeChat(tokenizer, render, messages ?? []).isAnswer.includes(1));
}
