import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";
import { casesFolder } from "./field-cases.js";
import { oneStep, run, stories, tokensOf } from "./run-field.js";

const texts = ["Nine boats left.", "Seven came back."];

/** A model whose tokenizer names a BOS token without adding it: its own, or the same as EOS. */
const folderOf = (name: "own" | "same") => join(casesFolder, "bos-not-added", name);

/** The tokens of a run over both texts. */
async function tokens(model: string, more: object): Promise<number[]> {
  const file = join(temporaryFolder(), "texts.jsonl");
  writeFileSync(file, texts.map((text) => `${JSON.stringify({ text })}\n`).join(""));
  const done = await run({
    data: { set: { files: file } },
    model: { folder: model },
    training: oneStep("set", 8),
    ...more,
  });
  expect(done.ended.err).toBe("");
  return tokensOf(done);
}

test("`bos: always` puts a BOS token in front of every document, `never` takes it away", async () => {
  const { encode, bosId, eosIds } = openTokenizer(folderOf("own"));
  const [one, two] = texts.map((text) => encode(text));
  const [bos, eos] = [bosId as number, eosIds[0]];
  expect(await tokens(folderOf("own"), { bos: "always" })).toEqual([bos, ...one, eos, bos, ...two, eos]);
  expect(await tokens(folderOf("own"), {})).toEqual([...one, eos, ...two, eos]);
  const template = join(casesFolder, "bos-not-added/template");
  expect(await tokens(template, { bos: "never" })).toEqual([...one, eos, ...two, eos]);
});

test("where BOS and EOS are the same token, one of it separates documents", async () => {
  const { encode, bosId } = openTokenizer(folderOf("same"));
  const [one, two] = texts.map((text) => encode(text));
  const mark = bosId as number;
  expect(await tokens(folderOf("same"), { bos: "always" })).toEqual([mark, ...one, mark, ...two, mark]);
  expect(await tokens(folderOf("same"), {})).toEqual([...one, mark, ...two, mark]);
});

test("scores record the choice and the ids in front of prompts, which an evaluation reads", async () => {
  const questions = join(casesFolder, "bos-not-added/questions-own.jsonl");
  const scores = async (bos: string) => {
    const { ended, jobs } = await run({
      data: { ...stories, set: { files: questions, field: "question" } },
      model: { folder: folderOf("own") },
      training: oneStep("stories", 32),
      evaluation: [{ name: "asked", task: "arc_easy", data: "set", split: "all" }],
      bos,
    });
    expect(ended.err).toBe("");
    return JSON.parse(readFileSync(join(jobs("evaluate")[0], "scores.json"), "utf8"))[0];
  };
  const [auto, always] = [await scores("auto"), await scores("always")];
  expect([auto.bos, auto.prefix, always.bos, always.prefix]).toEqual(["auto", [], "always", [0]]);
  expect(always.metrics).not.toEqual(auto.metrics);
});

test("`bos: always` without a BOS token is refused; generate has the same choice", async () => {
  const folder = join(temporaryFolder(), "model");
  cpSync(folderOf("same"), folder, { recursive: true });
  writeFileSync(
    join(folder, "tokenizer_config.json"),
    JSON.stringify({ tokenizer_class: "PreTrainedTokenizerFast", eos_token: "<|end|>" }),
  );
  const generate = (model: string, ...more: string[]) =>
    strata(["generate", "--model", model, "--prompt", "The", "--max-tokens", "4", "--json", ...more]);
  const refused = await generate(folder, "--bos", "always");
  expect([refused.code, refused.out]).toEqual([1, ""]);
  expect(refused.err).toContain("bos: always — expected a tokenizer with a BOS token, got one without.");
  const [auto, always] = [await generate(folderOf("own")), await generate(folderOf("own"), "--bos", "always")];
  expect([auto.code, always.code]).toEqual([0, 0]);
  expect(JSON.parse(always.out).tokens).not.toEqual(JSON.parse(auto.out).tokens);
});
