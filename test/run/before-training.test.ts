import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { loadRecipe } from "../../src/recipe/load-recipe.js";
import { checkMemory } from "../../src/run/checks/check-memory.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { memoryFolder } from "../temporary-folder.js";
import { jsonl, prepare, run, toldBy, writeChatTokenizer } from "./before-run.js";
import { strata } from "./strata.js";

const stories = "data={stories: {synthetic: stories, documents: 200}}";
const toldOf = (...overrides: string[]) => toldBy(prepare({}, [stories, ...overrides]));
const parts = (rounds: number) => `strategies=[{name: four, windows: [full, full, full, full], rounds: ${rounds}}]`;

test("a GPU that a machine lacks is missed before any job, but not by a run that is finished", async () => {
  const prepared = prepare({ "set.jsonl": jsonl({ question: "abc" }) }, ["baselines=[]"]);
  const onGpu = { ...prepared, overrides: [...prepared.overrides, "machine.device=webgpu"] };
  // No adapter has this name; without the package webgpu there is none at all.
  const environment = { STRATA_ADAPTER: "no such adapter" };
  const refused = await run(onGpu, environment);
  expect(refused).toMatchObject({ code: 1, kinds: [] });
  expect(refused.message).toMatch(/^DeviceError: webgpu device — expected a graphics adapter, got /);
  // A plan is for other machines, too.
  const sets = onGpu.overrides.flatMap((set) => ["--set", set]);
  const planned = await strata(["plan", onGpu.recipe, ...sets], () => {}, environment);
  expect(planned).toMatchObject({ code: 0, err: "" });
  expect(planned.out).toMatch(/\nExpected time: unknown, because this machine lacks the device: webgpu device — .+\n$/);
  expect(await run(prepared)).toMatchObject({ code: 0, message: "" });
  expect(await run(onGpu, environment)).toMatchObject({ code: 0, message: "" });
});

describe("a training that needs more data than there are", () => {
  const more = "  Use more data, fewer shards, or lower `sequenceLength` or `batchSize`.";

  test("is refused while planning where the sizes of the files show it", async () => {
    const all = "the training data can have no more than 819,600 tokens";
    expect(await toldOf("training.batchSize=1000000000")).toBe(
      `PlanError: --set training.batchSize=1000000000 — expected at most 25612 sequences of 32 tokens: ${all}, ` +
        `got 1000000000.\n${more}`,
    );
    expect(await toldOf("training.batchSize=9000", parts(1))).toBe(
      "PlanError: --set training.batchSize=9000 — expected at most 6531 sequences of 32 tokens: shard 1 of 4 can " +
        `have no more than 208,998 tokens, got 9000.\n${more}`,
    );
    expect(await toldOf("shards=300", "strategies=[vanilla]")).toBe(
      "PlanError: --set shards=300 — expected at most 200: the training data have 200 documents or fewer, got 300.\n" +
        "  Lower `shards`, or use more documents; `separator` splits one .txt file into several.",
    );
    const few = "Only 1 step for the rounds of a strategy, so that some train nothing";
    expect((await toldOf(parts(3))).split("\n")[0]).toBe(
      `Note: ${few}: shard 1 of 4 can have no more than 208,998 tokens`,
    );
  });

  test("is judged by the share of the data in the shard, and found in the strategy that changes it", async () => {
    const strategy = "{name: uneven, windows: [full, full], dataShares: [9, 1], training: {batchSize: 20000}}";
    expect(await toldOf("training.amount.steps=100", "baselines=[]", `strategies=[${strategy}]`)).toMatch(
      /^PlanError: --set strategies=.* strategies\[0\]\.training\.batchSize — expected at most \d+ sequences of 32 tokens: shard 2 of 2 can have no more than 86,058 tokens, got 20000/,
    );
  });

  test("of small data, of which all records are read, the bound is close", async () => {
    const prepared = prepare({ "set.jsonl": jsonl({ question: "abc" }, { question: "é" }) }, [
      "training.data=set",
      "shards=1",
    ]);
    // 5 bytes of text, and BOS and EOS of two documents.
    const bound = "the training data can have no more than 9 tokens";
    expect(await toldBy(prepared)).toMatch(
      new RegExp(`training\\.sequenceLength — expected at most 8 tokens and their targets: ${bound}, got 32\\.`),
    );
    const short = [...prepared.overrides, "training.sequenceLength=8"];
    expect(await toldBy({ ...prepared, overrides: [...short, "training.batchSize=65"] })).toMatch(
      new RegExp(`training\\.batchSize=65 — expected at most 1 sequence of 8 tokens: ${bound}, got 65\\.`),
    );
    // Data for first experiments are often smaller than a batch of the default size.
    expect(await toldBy({ ...prepared, overrides: short })).toBe(
      `Note: A batch of 2 sequences repeats 1 sequence of 8 tokens: ${bound}`,
    );
  });

  test("of small data with a known tokenizer, the tokens are counted", async () => {
    const prepared = prepare({ "set.jsonl": jsonl({ question: "abc" }, { question: "é" }) }, ["training.data=set"]);
    await writeChatTokenizer(join(prepared.folder, "chat"), "");
    const overrides = [...prepared.overrides, `tokenizer={file: ${join(prepared.folder, "chat")}}`, "shards=1"];
    // 5 tokens of a byte each, and BOS and EOS of two documents.
    expect(await toldBy({ ...prepared, overrides })).toMatch(
      /at most 8 tokens and their targets: the training data can have no more than 9 tokens, got 32\./,
    );
  });

  test("data without any document are no question of shards", async () => {
    const prepared = prepare({ "set.jsonl": "\n" }, ["training.data=set", "strategies=[vanilla]"]);
    expect(await toldBy(prepared)).toBe(
      "PlanError: FOLDER/small.yaml:4:3 data — expected documents to train on, got none in the training data.\n" +
        "  Check their files: they have no record, or only held-out ones (`holdOut`).",
    );
  });

  test("compressed files are not taken for small ones, whatever their names", async () => {
    const lines = jsonl(...Array.from({ length: 3000 }, (_, i) => ({ question: `Row ${i} ${"word ".repeat(40)}` })));
    for (const [name, content] of [
      ["set.jsonl", gzipSync(lines)],
      ["set.JSONL.GZ", gzipSync(lines)],
    ] as const) {
      const prepared = prepare({ [name]: content }, ["training.data=set", "training.batchSize=512", "shards=1"]);
      expect(await toldBy(prepared)).toBe("nothing");
    }
  });

  test("is refused with the exact numbers once the data are tokenized, before anything is trained", async () => {
    // `alone` would need a smaller batch.
    const vanilla = [stories, "baselines=[vanilla]"];
    const prepared = prepare({}, [...vanilla, "training.batchSize=5000"]);
    expect(await toldBy(prepared)).toBe("nothing");
    const { code, message, kinds } = await run(prepared);
    const exact =
      /^PlanError: --set training\.batchSize=5000 — expected at most (\d+) sequences of 32 tokens: the training data have ([\d,]+) tokens, got 5000\.\n {2}Use more data, .*\n$/;
    expect([code, kinds]).toEqual([1, ["initialize", "shards", "tokenize", "tokenizer"]]);
    expect(message).toMatch(exact);
    const [, sequences, tokens] = exact.exec(message) ?? [];
    expect(Number(sequences)).toBe(Math.floor((Number(tokens.replace(",", "")) - 1) / 32));
    // Now planning knows them too, and the largest batch that fits is trained.
    expect(`${await toldBy(prepared)}\n`).toBe(message);
    const largest = {
      ...prepared,
      overrides: [...vanilla, `training.batchSize=${sequences}`, "training.amount.steps=1"],
    };
    expect(await toldBy(largest)).toBe("nothing");
    expect(await run(largest)).toMatchObject({ code: 0, message: "" });
  });

  test("a part that needs far more memory than the machine has is refused before a run", async () => {
    const { recipe, folder } = prepare({}, []);
    const plan = await planRun(await loadRecipe(recipe, [stories, "model.random.hiddenSize=20000"]));
    const check = (bytes: number) => () => checkMemory(plan, { folder }, bytes);
    expect(check(1e12)).not.toThrow();
    expect(check(1e9)).toThrow(
      /small\.yaml:\d+:\d+ strategies\[0\] — expected a part that fits into the memory of this machine \(1\.0 GB\), got one that needs \d+\.\d GB\.\n {2}Set training\.activationCheckpointing or /,
    );
  });
});

describe("a tokenizer that does not fit the model", () => {
  const pico = join(import.meta.dirname, "../golden/pico-llama/untied");
  /** The model has 64 embedding rows. */
  const withTokens = async (ids: Readonly<Record<string, number>>, set = "bos=auto", end: string | null = "<end>") => {
    const prepared = prepare({}, []);
    const model = join(prepared.folder, "model");
    cpSync(pico, model, { recursive: true });
    const vocab = { l: 0, a: 1, la: 2, "<end>": 3, ...ids };
    writeFileSync(join(model, "tokenizer.json"), JSON.stringify({ model: { type: "BPE", vocab, merges: ["l a"] } }));
    writeFileSync(join(model, "tokenizer_config.json"), JSON.stringify({ eos_token: end }));
    const text = readFileSync(prepared.recipe, "utf8").replace(
      /^tokenizer: .*\nmodel: .*$/m,
      `model: { folder: ${model} }`,
    );
    writeFileSync(prepared.recipe, text);
    return toldBy({ ...prepared, overrides: [stories, set] });
  };

  test("a token without an embedding row is refused by name and id; rows without a token are not", async () => {
    expect(await withTokens({})).toBe("nothing");
    expect(await withTokens({ "<last>": 63 })).toBe("nothing");
    const hint =
      "  Resize the model's embeddings (transformers: `model.resize_token_embeddings(len(tokenizer))`), or remove " +
      "the token from the tokenizer's files.";
    expect(await withTokens({ "<pad>": 64 })).toBe(
      'TokenizerError: FOLDER/model — expected token ids below 64, the embedding rows of the model, got "<pad>" with ' +
        `the id 64.\n${hint}`,
    );
    expect(await withTokens({ "<x>": 66, "<y>": 70 })).toBe(
      'TokenizerError: FOLDER/model — expected token ids below 64, the embedding rows of the model, got "<x>" with ' +
        `the id 66 and 1 more token.\n${hint}`,
    );
  });

  test("a tokenizer without the EOS or BOS that the run needs is refused", async () => {
    expect(await withTokens({}, "bos=always")).toBe(
      "TokenizerError: bos: always — expected a tokenizer with a BOS token, got one without.\n" +
        '  Set "bos_token" in tokenizer_config.json, or write `bos: auto`.',
    );
    expect(await withTokens({}, "bos=auto", null)).toBe(
      "CorpusError: FOLDER/model — expected a tokenizer with an EOS token, to separate documents, got one without.\n" +
        '  Set "eos_token" in tokenizer_config.json next to tokenizer.json.',
    );
  });

  test("a sequence longer than the positions of the model folder is refused", async () => {
    expect(await withTokens({}, "training.sequenceLength=129")).toBe(
      "PlanError: --set training.sequenceLength=129 — expected at most the model's max_position_embeddings (128), " +
        "got 129.\n  Shorten the sequences.",
    );
  });
});

describe("conversations", () => {
  const chatml =
    "{% for message in messages %}<{{ message.role }}>{{ message.content }}\n{% endfor %}" +
    "{% if add_generation_prompt %}<assistant>{% endif %}";
  let tokenizer: string;
  beforeAll(async () => writeChatTokenizer((tokenizer = memoryFolder()), chatml));

  const of = async (records: readonly unknown[], template: string | null, lossOn = "all") => {
    const prepared = prepare({ "set.jsonl": jsonl(...records) }, []);
    const folder = join(prepared.folder, "tokenizer");
    cpSync(tokenizer, folder, { recursive: true });
    if (template !== null) writeFileSync(join(folder, "chat_template.jinja"), template);
    const overrides = [
      `data.set={files: ${join(prepared.folder, "set.jsonl")}, messages: turns, lossOn: ${lossOn}}`,
      `tokenizer={file: ${folder}}`,
      "training.data=[stories, set]",
    ];
    return toldBy({ ...prepared, overrides });
  };
  const turns = (...roles: readonly string[]) => ({ turns: roles.map((role) => ({ role, content: "Hello there." })) });

  test("that the template accepts are no mistake", async () => {
    expect(await of([turns("user", "assistant")], null, "completions")).toBe("nothing");
  });

  test("a field that is missing or holds no messages is reported by file and record", async () => {
    expect(await of([{ turn: [] }], null)).toBe(
      'CorpusError: FOLDER/set.jsonl:1 — expected the field "turns", got only the field "turn".\n' +
        '  Did you mean "turn"?',
    );
    expect(await of([{ turns: [{ from: "human", value: "Hi" }] }], null)).toBe(
      'CorpusError: FOLDER/set.jsonl:1 — expected a list of messages with `role` in the field "turns", got ' +
        '{"from":"human","value":"Hi"}.\n  Correct or remove this record, or name another field.',
    );
  });

  test("a template that raises an error or does not parse, or that changes earlier messages, is reported", async () => {
    const raising = "{% if messages[0].role != 'system' %}{{ raise_exception('A system message first') }}{% endif %}";
    expect(await of([turns("system"), turns("user")], `${raising}{{ messages[0].content }}`)).toBe(
      "TokenizerError: FOLDER/set.jsonl:2 (FOLDER/tokenizer, chat template default) — expected a conversation that " +
        "the template accepts, got A system message first.\n" +
        "  This error is raised by the template: check the order and the roles of the messages.",
    );
    expect(await of([turns("user")], "{% if %}")).toMatch(
      /^TokenizerError: FOLDER\/tokenizer, chat template default, line 1 — expected a Jinja template, got /,
    );
    expect(await of([turns("user", "assistant")], "{{ messages | length }}")).toBe("nothing");
    expect(await of([turns("user", "assistant")], "{{ messages | length }}", "completions")).toMatch(
      /^TokenizerError: FOLDER\/set\.jsonl:1 \(messages\[1\]\) — expected a template that continues with "1", got "2"\./,
    );
  });

  test("without an assistant's message, `lossOn: completions` has nothing to predict", async () => {
    expect(await of([turns("user", "model")], null, "completions")).toBe(
      "CorpusError: tokenize set — expected messages with the role assistant, because `lossOn: completions` predicts " +
        "only them, got none in the first conversation.\n  Rename the role in the data, or write `lossOn: all`.",
    );
    expect(await of([turns("user", "model")], null)).toBe("nothing");
  });

  test("a tokenizer that the recipe trains has no chat template, in training and in a loss", async () => {
    const prepared = prepare({ "set.jsonl": jsonl(turns("user", "assistant")) }, []);
    const data = `data.set={files: ${join(prepared.folder, "set.jsonl")}, messages: turns}`;
    const says = (where: string) =>
      `TokenizerError: ${where} — expected a tokenizer with a chat template, for conversations, got one that the ` +
      "recipe trains, which has none.\n  Use the tokenizer of a chat model (`tokenizer: { file: … }`), or `template` " +
      "instead of `messages`.";
    expect(await toldBy({ ...prepared, overrides: [data, "training.data=[stories, set]"] })).toBe(says("tokenize set"));
    const loss = "evaluation=[{name: chats, kind: loss, data: set, split: all}]";
    expect(await toldBy({ ...prepared, overrides: [data, loss] })).toBe(says("evaluation task chats"));
  });
});
