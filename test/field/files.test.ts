import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDocuments } from "../../src/corpus/documents/documents.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { StrataError } from "../../src/errors/strata-error.js";
import { generate } from "../../src/model/inference/generate.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { loadModel } from "../../src/model/model.js";
import { openChatTemplate } from "../../src/tokenizer/chat/chat-template.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { casesOf, fieldCases, inCase, type ReadCase } from "./field-cases.js";

// What transformers, tokenizers, datasets and pandas make of the same files is in each folder's expected.json.

test("there are cases of every sort", () => {
  const sorts = new Set(fieldCases.map((one) => one.do));
  expect([...sorts].sort().join(" ")).toBe("chat choices encode generate loss read refuse tell_early train");
  expect(fieldCases.length).toBe(127);
});

/** Checks the outcome of an action, or its refusal where that is right too. */
async function orRefused(mayRefuse: string | undefined, action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (mayRefuse === undefined || !(error instanceof StrataError)) throw error;
    expect(error.message).toMatch(new RegExp(mayRefuse, "i"));
  }
}

describe("encoded", () => {
  test.each(casesOf("encode"))("%s", async (_, one) => {
    await orRefused(one.mayRefuse, () => {
      const tokenizer = openTokenizer(inCase(one, one.tokenizer));
      const ids = tokenizer.encode(one.text);
      expect(ids).toEqual(one.ids);
      if (one.textWithoutSpecial !== undefined)
        expect(tokenizer.decode(ids, { skipSpecial: true })).toBe(one.textWithoutSpecial);
      if (one.eos !== undefined) expect(tokenizer.eosIds[0]).toBe(one.eos);
    });
  });
});

describe("rendered", () => {
  test.each(casesOf("chat"))("%s", async (_, one) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "chat_template.jinja"), one.template);
    writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify({ eos_token: "<|end|>" }));
    await orRefused(one.mayRefuse, () => expect(openChatTemplate(folder)(one.messages)).toBe(one.text));
  });
});

describe("continued", () => {
  test.each(casesOf("generate"))("%s", async (_, one) => {
    const folder = inCase(one, one.model);
    await orRefused(one.mayRefuse, async () => {
      const tokenizer = openTokenizer(folder);
      const prompt = [...tokenizer.prefix, ...tokenizer.encode(one.prompt)];
      expect(prompt).toEqual(one.promptIds);
      const model = loadModel(createReferenceDevice("f32"), openModelFolder(folder), null);
      const options = {
        maxTokens: one.new,
        temperature: 0,
        seed: 0,
        vocabSize: tokenizer.vocabSize,
        stop: () => false,
      };
      const [tokens] = await generate(model, [prompt], options).finally(model.close);
      expect(tokens).toEqual(one.tokens);
    });
  });
});

describe("read", () => {
  test.each(casesOf("read"))("%s", async (_, one) => {
    await orRefused(one.mayRefuse, async () => expect(await textsOf(one)).toEqual(one.texts));
  });
});

async function textsOf(one: ReadCase): Promise<string[]> {
  const { as: text } = one;
  const render = "messages" in text ? openChatTemplate(inCase(one, text.model)) : null;
  const source = { files: one.files.map((name) => inCase(one, name)), text };
  const texts: string[] = [];
  for await (const { parts, messages } of readDocuments(source))
    texts.push(render && messages ? render(messages) : parts.join(""));
  return texts;
}

describe("refused", () => {
  test.each(casesOf("refuse").filter(([, { model }]) => model !== undefined))("%s", (_, one) => {
    const folder = inCase(one, one.model as string);
    const open = () => [openModelFolder(folder), openTokenizer(folder)];
    expect(open).toThrow(StrataError);
    for (const pattern of one.says) expect(open).toThrow(new RegExp(pattern, "i"));
  });
});
