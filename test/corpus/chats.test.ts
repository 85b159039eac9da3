import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDocuments } from "../../src/corpus/documents/documents.js";
import { chatEncoder } from "../../src/corpus/tokens/encode-documents.js";
import { decodeNumbers } from "../../src/files/number-file.js";
import { tokenizeDocuments } from "../../src/corpus/tokens/tokenize.js";
import { openTrainingDocuments, type TrainingData } from "../../src/corpus/documents/training-documents.js";
import type { RenderChat } from "../../src/tokenizer/chat/chat-template.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { all, byteTokenizer, messageOf, newFolder } from "./corpus-fixtures.js";

const folder = temporaryFolder();
// The characters ^ and $ are encoded as the special tokens 256 and 257.
const tokenizer: Tokenizer = {
  ...byteTokenizer(),
  encode: (text) => [...Buffer.from(text)].map((byte) => (byte === 94 ? 256 : byte === 36 ? 257 : byte)),
};
const render: RenderChat = (messages, { addGenerationPrompt = false } = {}) =>
  [
    "^",
    ...messages.map(({ role, content }) => `${role}: ${String(content)}$`),
    addGenerationPrompt ? "assistant: " : "",
  ].join("");

const turns = [
  { role: "user", content: "1+1?" },
  { role: "assistant", content: "2" },
  { role: "user", content: "and 1?" },
];

function data(lines: readonly unknown[]): TrainingData {
  const path = join(newFolder(folder), "chats.jsonl");
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return {
    source: { files: [path], text: { messages: "turns" } },
    holdOut: { share: 0, seed: 1 },
    maxBadRecords: 0,
    duplicates: "keep",
    limit: null,
  };
}

test("conversations are tokenized as rendered by the template; only the assistant is predicted", async () => {
  const chats = data([{ turns }, { turns: turns.slice(0, 2) }]);
  const out = newFolder(folder);
  const { manifest } = await tokenizeDocuments({
    open: (from, known) => openTrainingDocuments(chats, from, known),
    data: chats,
    lossOn: "completions",
    vocabSize: 258,
    encode: chatEncoder(tokenizer, render, 257),
    callsAtOnce: 2,
    folder: out,
  });
  const [{ file, mask }] = manifest.segments;
  const ids = [...decodeNumbers(new Uint8Array(readFileSync(join(out, file))), 2)];
  const flags = [...readFileSync(join(out, mask ?? ""))];
  const text = `${render(turns)}${render(turns.slice(0, 2))}`;
  // Both end with the end-of-turn token, so no EOS is added.
  expect(ids).toEqual(tokenizer.encode(text));
  const shown = ids.map((_, i) => (flags[i] === 1 ? text[i] : ".")).join("");
  expect(shown.replaceAll(".", "")).toBe("2$2$");
  expect(shown.indexOf("2")).toBe(text.indexOf("2$"));
  expect(manifest.documents).toBe(2);
});

test("a missing EOS is added and is not predicted", async () => {
  const open: RenderChat = (messages, options) => render(messages, options).replace(/\$$/, "");
  const [{ ids, isAnswer }] = await chatEncoder(
    tokenizer,
    open,
    257,
  )([{ parts: [], messages: [{ role: "user", content: "hi" }], isFirst: true }]);
  expect([...ids]).toEqual(tokenizer.encode("^user: hi$"));
  expect([...isAnswer]).toEqual([...ids].map(() => 0));
});

test("equal conversations have equal texts; tokenizers are trained on the contents of messages", async () => {
  const [one, two] = await all(readDocuments(data([{ turns }, { turns, id: 2 }]).source));
  expect(one.text).toBe(two.text);
  expect(one.parts).toEqual(["1+1?", "2", "and 1?"]);
});

test("messages", async () => {
  const message = async (record: unknown) =>
    (await messageOf(() => all(readDocuments(data([record]).source)), folder)).replace(/FOLDER\/\d+/, "FOLDER");
  expect(await message({ truns: turns })).toBe(
    'CorpusError: FOLDER/chats.jsonl:1 — expected the field "turns", got only the field "truns".\n' +
      '  Did you mean "truns"?',
  );
  expect(await message({ turns: [{ role: "user" }, { content: "hi" }] })).toBe(
    "CorpusError: FOLDER/chats.jsonl:1 — expected a list of messages with `role` in the field " +
      '"turns", got {"content":"hi"}.\n' +
      "  Correct or remove this record, or name another field.",
  );
  expect(await message({ turns: [] })).toMatch(
    /^CorpusError: FOLDER\/chats\.jsonl:1 — expected a non-empty document, got an empty one\./,
  );
});
