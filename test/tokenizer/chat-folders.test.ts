import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openChatTemplate, type ChatMessage } from "../../src/tokenizer/chat/chat-template.js";
import { encodeChat } from "../../src/tokenizer/chat/encode-chat.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { messageOf } from "./message-of.js";

interface Chat {
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly object[];
  readonly documents?: readonly object[];
  readonly variables?: { readonly add_generation_prompt?: boolean; readonly [name: string]: unknown };
  readonly text?: string;
  readonly error?: string;
  readonly ids?: readonly number[];
  readonly mask?: readonly number[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const { tokenizer } = read("chats.json") as { readonly tokenizer: unknown };
/** Folders of a tokenizer, and what transformers renders with them; see make-chat-folders.py. */
const { folders } = read("chat-folders.json") as {
  readonly folders: readonly { name: string; files: Readonly<Record<string, unknown>>; chats: readonly Chat[] }[];
};

function write(files: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries({
    "tokenizer.json": tokenizer,
    "tokenizer_config.json": {},
    ...files,
  })) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

test.each(folders)("$name", ({ files, chats }) => {
  const folder = write(files);
  const render = openChatTemplate(folder);
  for (const { messages, tools, documents, variables: all = {}, text, error, ids, mask } of chats) {
    const { add_generation_prompt: addGenerationPrompt, ...variables } = all;
    const options = { tools, documents, variables, addGenerationPrompt };
    if (error !== undefined) expect(messageOf(() => render(messages, options))).toContain(`got ${error}.`);
    else expect(render(messages, options)).toBe(text);
    if (ids === undefined) continue;
    const encoded = encodeChat(openTokenizer(folder), render, messages, options);
    expect([encoded.ids, [...encoded.isAnswer]]).toEqual([ids, mask]);
  }
});
