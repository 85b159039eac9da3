import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.js";
import { mergeConfig, tensorsOf, writeModel } from "./merge-runs.js";

/** Each row has the value that is given for its token. */
function writeTokens(folder: string, tokens: Readonly<Record<string, number>>): void {
  const values = Object.values(tokens).flatMap((value) => [value, -value]);
  const shape = [values.length / 2, 2];
  const config = { architectures: ["ToyModel"], vocab_size: shape[0], dtype: "float32" };
  writeModel(
    folder,
    { "model.embed_tokens.weight": { shape, values }, "model.norm.weight": { shape: [2], values: [1, 2] } },
    config,
  );
  const [last] = Object.keys(tokens).slice(-1);
  const ids = Object.fromEntries(Object.keys(tokens).map((token, id) => [token, id]));
  const { [last]: lastId, ...vocab } = ids;
  const tokenizer = {
    added_tokens: [{ id: lastId, content: last, special: true }],
    model: { type: "BPE", vocab, merges: [] },
  };
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  writeFileSync(
    join(folder, "tokenizer_config.json"),
    JSON.stringify({ chat_template: "{{ messages[0].content }} once" }),
  );
}

function models(): string {
  const folder = temporaryFolder();
  writeTokens(join(folder, "A"), { a: 1, b: 2, c: 3, "<s>": 4 });
  writeTokens(join(folder, "B"), { b: 20, a: 10, d: 40, "<s>": 50, "<new>": 60 });
  return folder;
}

const linear = `models:
  - {model: A, parameters: {weight: 0.5}}
  - {model: B, parameters: {weight: 0.5}}
merge_method: linear
`;

async function rows(folder: string, yaml: string): Promise<{ rows: number[]; size: number; tokens: string[] }> {
  const { code, err } = await mergeConfig(folder, yaml);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const { values } = tensorsOf(join(folder, "out")).get("model.embed_tokens.weight")!;
  const read = (name: string) => JSON.parse(readFileSync(join(folder, "out", name), "utf8"));
  const { added_tokens: added, model } = read("tokenizer.json");
  const tokens = [...Object.keys(model.vocab), ...added.map(({ content }: { content: string }) => content)];
  return { rows: [...values].filter((_, i) => i % 2 === 0), size: read("config.json").vocab_size, tokens };
}

test("union keeps all tokens, and a token of one model keeps its row", async () => {
  const result = await rows(models(), `${linear}tokenizer_source: union\n`);
  expect(result).toEqual({ tokens: ["a", "b", "c", "<s>", "d", "<new>"], rows: [5.5, 11, 3, 27, 40, 60], size: 6 });
});

test("generation_config.json, which names tokens by their ids, is copied only with the tokenizer", async () => {
  const folder = models();
  writeFileSync(join(folder, "A", "generation_config.json"), '{"eos_token_id": 3}');
  expect((await mergeConfig(folder, `${linear}tokenizer_source: union\n`)).code).toBe(0);
  expect(readdirSync(join(folder, "out"))).toContain("tokenizer.json");
  expect(readdirSync(join(folder, "out"))).not.toContain("generation_config.json");
});

test("base takes the tokens of the base, another model its own", async () => {
  const base = await rows(models(), `${linear.replaceAll("0.5", "1")}base_model: A\ntokenizer_source: base\n`);
  expect(base).toEqual({ tokens: ["a", "b", "c", "<s>"], rows: [5.5, 11, 3, 27], size: 4 });
  const other = await rows(models(), `${linear}tokenizer_source: B\n`);
  expect(other.rows).toEqual([11, 5.5, 40, 27, 60]);
});

test("rows can be chosen, forced and padded", async () => {
  const yaml = `${linear}tokenizer:
  source: base
  pad_to_multiple_of: 4
  tokens:
    <more>: {source: {kind: model_token, model: A, token: a}}
    c: {source: {kind: zero}, force: true}
    b: {source: A, force: true}
`;
  const { rows: got, size } = await rows(models(), yaml);
  expect(size).toBe(8);
  const mean = (5.5 + 2 + 0 + 27 + 1) / 5;
  expect(got.map((value) => Math.round(value * 1000) / 1000)).toEqual([5.5, 2, 0, 27, 1, mean, mean, mean]);
});

test("without a tokenizer, other vocabularies are refused with both sizes, or cropped", async () => {
  const folder = models();
  const { code, err } = await mergeConfig(folder, linear);
  expect(code).toBe(1);
  expect(err).toContain(
    "B model.embed_tokens.weight — expected a vocabulary of 4 rows, [4, 2], as in A, got 5 rows, [5, 2].",
  );
  expect(readdirSync(folder).sort()).toEqual(["A", "B", "merge.yml"]);
  const cropped = await mergeConfig(folder, linear, ["--mergekit-compat"]);
  expect(cropped.code).toBe(0);
  expect(cropped.out).toContain("model.embed_tokens.weight is cropped to [4, 2]");
  expect([...tensorsOf(join(folder, "out")).get("model.embed_tokens.weight")!.shape]).toEqual([4, 2]);
});

test("the chat template that most models have is written", async () => {
  const folder = models();
  const { code } = await mergeConfig(folder, `${linear}tokenizer_source: union\nchat_template: auto\n`);
  expect(code).toBe(0);
  expect(readFileSync(join(folder, "out/chat_template.jinja"), "utf8")).toBe("{{ messages[0].content }} once");
});

test("a chat template can be named; an unknown name is refused with the known ones", async () => {
  const folder = models();
  const { code } = await mergeConfig(folder, `${linear}tokenizer_source: union\nchat_template: chatml\n`);
  expect(code).toBe(0);
  expect(readFileSync(join(folder, "out/chat_template.jinja"), "utf8")).toContain("<|im_start|>");
  const unknown = await mergeConfig(models(), `${linear}tokenizer_source: union\nchat_template: chatlm\n`);
  expect(unknown.code).toBe(1);
  expect(unknown.err).toContain("expected auto, alpaca, chatml, exaone, llama3, mistral, or a Jinja template");
});
