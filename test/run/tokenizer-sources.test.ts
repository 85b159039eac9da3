import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type { JobContext } from "../../src/jobs/execute-job.js";
import { runTokenizer, tokenizerSources } from "../../src/run/kinds/tokenizer.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { createJob } from "../../src/run/kinds/job-kinds.js";

function write(folder: string, files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
}

/** Runs the tokenizer job of a recipe. @returns its output folder */
async function runJob(path: string): Promise<string> {
  const folder = temporaryFolder();
  const parameters = { files: await tokenizerSources(path) };
  const job = createJob({ kind: "tokenizer", title: "tokenizer", parameters, inputs: {}, flops: 0, exclusive: true });
  const context: JobContext = {
    job,
    folder,
    threads: 1,
    instructions: "auto",
    signal: new AbortController().signal,
    progress: () => {},
    note: () => {},
    input: (name) => {
      throw new Error(`no input ${name}`);
    },
    device: () => {
      throw new Error("no device");
    },
  };
  await runTokenizer(context);
  return folder;
}

const model = { type: "BPE", vocab: { l: 0, a: 1, la: 2, "<end>": 3 }, merges: ["l a"] };

test("a recipe's tokenizer may be a folder; other files in it are ignored", async () => {
  const folder = temporaryFolder();
  write(folder, {
    "tokenizer.json": { model },
    "tokenizer_config.json": { eos_token: "<end>" },
    "chat_template.jinja": "",
    "notes.txt": "",
  });
  expect((await tokenizerSources(folder)).map(({ path }) => basename(path))).toEqual([
    "chat_template.jinja",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  expect(openTokenizer(await runJob(folder)).eosIds).toEqual([3]);
});

test("it may be a file of any name, copied with the file that names its special tokens", async () => {
  const folder = temporaryFolder();
  write(folder, { "mine.json": { model }, "tokenizer_config.json": { eos_token: "<end>" } });
  const tokenizer = openTokenizer(await runJob(join(folder, "mine.json")));
  expect([tokenizer.eosIds, tokenizer.encode("lala")]).toEqual([[3], [2, 2]]);
});

test("a vocab.json of GPT-2 is copied with its merges", async () => {
  const folder = join(temporaryFolder(), "gpt2");
  mkdirSync(folder);
  write(folder, { "vocab.json": { l: 0, a: 1, la: 2, "<|endoftext|>": 3 }, "merges.txt": "#version: 0.2\nl a\n" });
  const tokenizer = openTokenizer(await runJob(join(folder, "vocab.json")));
  expect([tokenizer.eosIds, tokenizer.encode("lala<|endoftext|>")]).toEqual([[3], [2, 2, 3]]);
});
