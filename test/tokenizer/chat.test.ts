import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openChatTemplate, type ChatMessage, type RenderOptions } from "../../src/tokenizer/chat/chat-template.js";
import { encodeChat } from "../../src/tokenizer/chat/encode-chat.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { messageOf } from "./message-of.js";

type Rendered = string | { readonly error: string };

/** Conversations rendered and encoded by transformers; see make-chats.py. */
const golden = JSON.parse(readFileSync(new URL("chats.json", import.meta.url), "utf8")) as {
  readonly tokenizer: unknown;
  readonly templates: readonly {
    readonly name: string;
    readonly template: string;
    readonly options: { readonly tools?: object[]; readonly date_string?: string };
    readonly cases: readonly { messages: ChatMessage[]; text: Rendered; prompt: Rendered; ids: number[] | null }[];
  }[];
  readonly llama3: { readonly chats: ChatMessage[][]; readonly tools: object[]; readonly sha256: readonly string[] };
};
const marks = { bos_token: "<s>", eos_token: { content: "</s>", lstrip: false } };

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries({
    "tokenizer.json": golden.tokenizer,
    "tokenizer_config.json": marks,
    ...files,
  })) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

describe.each(golden.templates)("the template '$name'", ({ template, options: { tools, ...variables }, cases }) => {
  const folder = folderWith({ "chat_template.jinja": template });
  const options: RenderOptions = { tools, variables };
  const render = openChatTemplate(folder);
  test("renders conversations as transformers does, with and without a generation prompt", () => {
    for (const { messages, text, prompt } of cases) {
      for (const [expected, addGenerationPrompt] of [
        [text, false],
        [prompt, true],
      ] as const) {
        const write = () => render(messages, { ...options, addGenerationPrompt });
        if (typeof expected === "string") expect(write()).toBe(expected);
        else {
          expect(messageOf(write)).toBe(
            `${folder}, chat template default — expected a conversation that the template accepts, got ` +
              `${expected.error}.\n` +
              "  This error is raised by the template: check the order and the roles of the messages.",
          );
        }
      }
    }
  });
  test("gives the ids of transformers, and marks only the assistant's messages", () => {
    const tokenizer = openTokenizer(folder);
    for (const { messages, ids } of cases) {
      if (ids === null) continue;
      const encoded = encodeChat(tokenizer, render, messages, options);
      expect(encoded.ids).toEqual(ids);
      expect(encoded.isAnswer.length).toBe(ids.length);
      expect(
        answersOf(encoded.ids, encoded.isAnswer).map((answer) =>
          tokenizer.decode(answer, { skipSpecial: true }).trim(),
        ),
      ).toEqual(
        messages
          .filter(({ role }) => role === "assistant")
          .map(({ content, tool_calls }) =>
            tool_calls ? '{"name": "add", "arguments": {"a": 1.5, "b": null, "c": [true]}}' : String(content).trim(),
          ),
      );
      for (const answer of answersOf(encoded.ids, encoded.isAnswer))
        expect(tokenizer.isSpecial(answer.at(-1) as number)).toBe(true);
    }
  });
});

function answersOf(ids: readonly number[], isAnswer: Uint8Array): number[][] {
  const answers: number[][] = [];
  ids.forEach((id, i) => {
    if (isAnswer[i] === 0) return;
    if (isAnswer[i - 1] !== 1) answers.push([]);
    answers[answers.length - 1].push(id);
  });
  return answers;
}

const hello = [{ role: "user", content: "hi" }];

test("a template is found wherever transformers finds it, and may have a name", () => {
  const first = "{{ bos_token }}1{{ messages[0].content }}";
  const named = [
    { name: "default", template: first },
    { name: "tool_use", template: "2{{ eos_token }}" },
  ];
  expect(openChatTemplate(folderWith({ "chat_template.jinja": first }))(hello)).toBe("<s>1hi");
  expect(openChatTemplate(folderWith({ "chat_template.json": { chat_template: first } }))(hello)).toBe("<s>1hi");
  expect(openChatTemplate(folderWith({ "tokenizer_config.json": { ...marks, chat_template: first } }))(hello)).toBe(
    "<s>1hi",
  );
  expect(
    openChatTemplate(folderWith({ "tokenizer_config.json": { ...marks, chat_template: named } }), "tool_use")(hello),
  ).toBe("2</s>");
  expect(openChatTemplate(folderWith({ "additional_chat_templates/rag.jinja": "3" }), "rag")(hello)).toBe("3");
});

test("a rendered conversation does not depend on the date: a template gets no clock", () => {
  const folder = folderWith({
    "chat_template.jinja": "{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% else %}no date{% endif %}",
  });
  expect(openChatTemplate(folder)(hello)).toBe("no date");
});

test("a missing or malformed template is rejected", () => {
  const without = folderWith({});
  const broken = folderWith({ "chat_template.jinja": "\n{% for %}" });
  expect(messageOf(() => openChatTemplate(without, "rag"))).toBe(
    `${without} — expected a chat template named rag, got none.\n` +
      "  Use the folder of a chat model, or add a chat_template.jinja to the folder.",
  );
  expect(messageOf(() => openChatTemplate(broken))).toBe(
    `${broken}, chat template default, line 2 — expected a Jinja template, got ` +
      "Expected an expression, got 'end of statement block'.\n" +
      "  Correct the template: chat_template.jinja, or chat_template in tokenizer_config.json.",
  );
});

test("a template that fails or that is not supported is rejected with the line", () => {
  const failing = folderWith({ "chat_template.jinja": "\n\n{{ messages[0].content + 1 }}" });
  expect(messageOf(() => openChatTemplate(failing)(hello))).toBe(
    `${failing}, chat template default, line 3 — expected a conversation that the template can render, got ` +
      'TypeError: can only concatenate str (not "int") to str.\n' +
      "  transformers fails here, too: check the fields of the messages and the variables that the template reads.",
  );
  const refused = folderWith({ "chat_template.jinja": "{{ messages | random }}" });
  expect(messageOf(() => openChatTemplate(refused)(hello))).toBe(
    `${refused}, chat template default, line 1 — expected a template whose parts Strata supports, got ` +
      'the filter "random".\n' +
      "  Strata does not render this part of Jinja, so that no text differs from transformers: change the template.",
  );
});

test(
  "a token that spans prompt and answer counts as prompt; an answer without an end-of-turn token ends at its " +
    "last token",
  () => {
    // "th" is one token: the prompt ends after its "t".
    const folder = folderWith({ "chat_template.jinja": "{% for m in messages %}{{ m.content }}{% endfor %}" });
    const tokenizer = openTokenizer(folder);
    const { ids, isAnswer } = encodeChat(tokenizer, openChatTemplate(folder), [
      { role: "user", content: "at" },
      { role: "assistant", content: "his" },
    ]);
    expect(ids.map((id) => tokenizer.decode([id]))).toEqual(["a", "th", "is"]);
    expect([...isAnswer]).toEqual([0, 0, 1]);
  },
);

test("a template that renders earlier answers differently later is rejected", () => {
  const folder = folderWith({
    "chat_template.jinja": "{% for m in messages %}{{ m.content if loop.last else '-' }}{% endfor %}",
  });
  const messages = [...hello, { role: "assistant", content: "yes" }, { role: "user", content: "ok" }];
  expect(messageOf(() => encodeChat(openTokenizer(folder), openChatTemplate(folder), messages))).toBe(
    'messages[1] — expected a template that continues with "hi", got "-yes".\n' +
      "  The template renders a message differently when more messages follow, so the assistant's tokens cannot be " +
      "located. Train on all tokens (`lossOn: all`), mark the assistant's text in the template with " +
      "{% generation %} blocks, or use a template that renders every message the same way, whatever follows.",
  );
});

const llama3 = join(import.meta.dirname, "../../../shared/data/tokenizers/llama3");
const present = existsSync(llama3);

test.skipIf(!present)(
  `Llama 3's template renders as in transformers${present ? "" : ` (skipped: no ${llama3})`}`,
  () => {
    const folder = folderWith({});
    copyFileSync(join(llama3, "chat-template.jinja"), join(folder, "chat_template.jinja"));
    const render = openChatTemplate(folder);
    const { chats, tools, sha256 } = golden.llama3;
    const variables = { date_string: "26 Jul 2024" };
    const texts = chats.flatMap((chat) =>
      [undefined, tools].flatMap((given) =>
        [false, true].map((prompt) => render(chat, { tools: given, addGenerationPrompt: prompt, variables })),
      ),
    );
    expect(texts.map((text) => createHash("sha256").update(text).digest("hex"))).toEqual(sha256);
  },
);
