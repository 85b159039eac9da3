import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { casesFolder } from "./field-cases.js";
import { oneStep, run, tokensOf } from "./run-field.js";

/** As QwQ's and Qwen3's templates do, it cuts the thoughts out of all turns but the last. */
const template =
  "{% for m in messages %}{{ '<|user|>' if m.role == 'user' else '' }}" +
  "{{ m.content if loop.last else m.content.split('</think>')[-1].lstrip('\\n') }}" +
  "{{ m.id if m.id is defined }}{{ m.score if m.score is defined }}<|done|>{% endfor %}";
const answer = (content: string) => `{"role":"assistant","content":"${content}","id":9007199254740993,"score":18.0}`;
const answers = [answer("<think>hm</think>\\n\\nNo."), answer("<think>a</think>Yes.")].join();
const talk = `{"messages":[{"role":"user","content":"Lit?"},${answers}]}\n`;

test("a template that cuts earlier thoughts trains on all tokens; its answers cannot be found", async () => {
  const folder = temporaryFolder();
  const model = join(folder, "model");
  cpSync(join(casesFolder, "added-tokens-beside-tokenizer/chat"), model, { recursive: true });
  writeFileSync(join(model, "chat_template.jinja"), template);
  const files = join(folder, "talks.jsonl");
  writeFileSync(files, talk);
  const train = (more: object) =>
    run({
      data: { talks: { files, messages: "messages", ...more } },
      model: { folder: model },
      training: oneStep("talks", 8),
    });
  const done = await train({});
  expect(done.ended.err).toBe("");
  expect(openTokenizer(model).decode(tokensOf(done))).toBe(
    "<|user|>Lit?<|done|>No.900719925474099318.0<|done|><think>a</think>Yes.900719925474099318.0<|done|>",
  );
  const { ended, jobs } = await train({ lossOn: "completions" });
  expect([ended.code, jobs("train")]).toEqual([1, []]);
  expect(ended.err).toMatch(
    /talks\.jsonl:1 \(messages\[1\]\) — expected a template that continues with .*lossOn: all/s,
  );
});
