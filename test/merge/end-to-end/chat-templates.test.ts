import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { namedChatTemplates } from "../../../src/merge/output/named-chat-templates.js";
import { openChatTemplate, type ChatMessage } from "../../../src/tokenizer/chat/chat-template.js";
import { temporaryFolder } from "../../temporary-folder.js";

const system: ChatMessage = { role: "system", content: "Be brief." };
const user: ChatMessage = { role: "user", content: "Hi" };
const assistant: ChatMessage = { role: "assistant", content: "Hello." };

function render(name: string, messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "chat_template.jinja"), namedChatTemplates.get(name)!);
  writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify({ bos_token: "<s>", eos_token: "</s>" }));
  return openChatTemplate(folder)(messages, { addGenerationPrompt });
}

// [the generation prompt after system and user, two turns without system]
const expected: Record<string, readonly [string, string]> = {
  alpaca: [
    "Be brief.\n\n### Instruction:\nHi\n\n### Response:\n",
    "\n\n### Instruction:\nHi\n\n### Response:\nHello.\n\n### Instruction:\nHi\n\n### Response:\nHello.",
  ],
  chatml: [
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n".repeat(2),
  ],
  exaone: [
    "[|system|]Be brief.[|endofturn|]\n[|user|]Hi\n[|assistant|]",
    `[|system|][|endofturn|]\n${"[|user|]Hi\n[|assistant|]Hello.[|endofturn|]\n".repeat(2)}`,
  ],
  llama3: [
    "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>" +
      "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    `<s>${[user, assistant, user, assistant]
      .map(({ role, content }) => `<|start_header_id|>${role}<|end_header_id|>\n\n${content as string}<|eot_id|>`)
      .join("")}`,
  ],
  mistral: ["<s> [INST] Be brief.\n\nHi [/INST]", `<s>${" [INST] Hi [/INST] Hello.</s>".repeat(2)}`],
};

test.each([...namedChatTemplates.keys()])("%s renders conversations", (name) => {
  const [prompt, turns] = expected[name];
  expect(render(name, [system, user], true)).toBe(prompt);
  expect(render(name, [user, assistant, user, assistant], false)).toBe(turns);
});

test("mistral refuses messages that do not take turns", () => {
  expect(() => render("mistral", [user, user], false)).toThrow("Expected a message of the assistant");
});
