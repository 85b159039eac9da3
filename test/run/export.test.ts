import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { formatConfig } from "../../src/model/config/model-config.js";
import { initialValues } from "../../src/model/files/initialize.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { parameters } from "../../src/model/config/parameters.js";
import { encodeFloats } from "../../src/tensor/dtype.js";
import { readTensor, readTensorBytes } from "../../src/tensor/safetensors.js";
import { writeShardedSafetensors } from "../../src/tensor/safetensors-shards.js";
import { baseModelName } from "../../src/run/facts/model-card-facts.js";
import { openTokenizer, trainTokenizer, writeTokenizer } from "../../src/tokenizer/tokenizer.js";
import { picoConfig } from "../model/pico.js";
import { memoryFolder } from "../temporary-folder.js";
import { strata, type Ended } from "./strata.js";

const root = memoryFolder();
const start = join(root, "models--someone--tiny", "snapshots", "1");
const recipe = join(root, "tiny.yaml");
const runs = join(root, "runs");
const shardBytes = 6000;

/** A Qwen2 in bf16, in several files, with a configuration and a card of its own. */
async function writeStart(): Promise<void> {
  mkdirSync(start, { recursive: true });
  const texts = async function* () {
    yield "Anna has 3 apples and buys 4 more.";
  };
  writeTokenizer(start, await trainTokenizer(texts(), { vocabSize: 280 }));
  const { vocabSize } = openTokenizer(start);
  const config = {
    ...picoConfig,
    family: "qwen2",
    attentionBias: "query-key-value",
    layers: 4,
    vocabSize,
    bosId: null,
  } as const;
  const table = new Map(parameters(config).map((one) => [one.name, one]));
  const entries = [...table.values()].map(({ name, shape }) => ({ name, shape, dtype: "bf16" as const }));
  await writeShardedSafetensors(
    start,
    entries,
    ({ name }) => [encodeFloats(initialValues(table.get(name)!, 3), "bf16")],
    shardBytes,
  );
  writeFileSync(
    join(start, "config.json"),
    JSON.stringify({ ...formatConfig(config, "bf16"), its_own: { key: [1, 2] } }),
  );
  writeFileSync(join(start, "generation_config.json"), '{"eos_token_id": [1, 2], "top_k": 20}');
  writeFileSync(join(start, "README.md"), "---\nlicense: apache-2.0\nlanguage: [en]\ntags: [old]\n---\n\n# Tiny\n");
  writeFileSync(
    recipe,
    `
name: tiny
holdOut: 0.1
data: { problems: { synthetic: problems, documents: 60 } }
model: { folder: ${start} }
training: { data: [problems], sequenceLength: 32, batchSize: 2, amount: { steps: 8 }, learningRate: 0.01 }
strategies: [slerp-1]
evaluation: [{ name: loss, kind: loss, data: problems, documents: 4 }]
machine: { threads: 1, parallel: 2 }
`,
  );
}

let ran: Ended;
beforeAll(async () => {
  await writeStart();
  ran = await strata(["run", recipe, "--runs", runs, "--quiet"]);
}, 120_000);

const jobs = () => JSON.parse(readFileSync(join(runs, "tiny", "jobs.json"), "utf8")) as { id: string; title: string }[];
const modelOf = (title: string) =>
  openModelFolder(join(runs, "jobs", jobs().find((job) => job.title === title)!.id, "model"));
const exported = join(root, "out", "slerp-1");
const withSlash = `${exported}/`;
const others = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"];

describe("a strategy's model", () => {
  it("is exported with the start's names, types, shards and other files, and the merge's values", async () => {
    expect(ran).toMatchObject({ code: 0, err: "" });
    const result = await strata([
      "export",
      "hf",
      recipe,
      "slerp-1",
      withSlash,
      "--runs",
      runs,
      "--max-shard-size",
      String(shardBytes / 1e9),
    ]);
    expect(result).toEqual({ code: 0, out: `slerp-1 of tiny: ${withSlash}\n`, err: "" });
    expect(readdirSync(exported).sort()).toEqual(readdirSync(start).sort());
    expect(readdirSync(join(root, "out"))).toEqual(["slerp-1"]);
    for (const name of others.filter((name) => existsSync(join(start, name)))) {
      expect(readFileSync(join(exported, name)).equals(readFileSync(join(start, name))), name).toBe(true);
    }
    const [before, merged, after] = [openModelFolder(start), modelOf("merge slerp-1"), openModelFolder(exported)];
    expect(after.config).toEqual(before.config);
    let trained = 0;
    for (const [name, { dtype, shape, path }] of before.tensors) {
      const tensor = after.tensors.get(name)!;
      expect({ ...tensor, path: basename(tensor.path) }).toMatchObject({ dtype, shape, path: basename(path) });
      const values = merged.tensors.get(name)!;
      if (values.dtype === "f32") trained++;
      expect(Buffer.compare(readTensorBytes(tensor), encodeFloats(readTensor(values), "bf16")), name).toBe(0);
    }
    expect(trained).toBe(4 * 12);
  });

  it("is exported as GGUF with the same arguments, from the values of the merge", async () => {
    const [path, again] = ["slerp-1.gguf", "again.gguf"].map((name) => join(root, name));
    const type = ["--type", "f32", "--json"];
    const written = await strata(["export", "gguf", recipe, "slerp-1", path, "--runs", runs, ...type]);
    expect(written).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(written.out)).toMatchObject({ path, type: "f32", bytes: readFileSync(path).length });
    const folder = modelOf("merge slerp-1").folder;
    const direct = ["export", "gguf", folder, again, "--name", "tiny-slerp-1", ...type];
    expect(await strata(direct)).toMatchObject({ code: 0, err: "" });
    expect(readFileSync(path).equals(readFileSync(again))).toBe(true);
    const resolved = ["export", "gguf", join(runs, "tiny"), "slerp-1", path, "--force"];
    expect(await strata(resolved)).toMatchObject({ code: 0, err: "" });
  });

  it("comes with a card that says how it was made", () => {
    const [, front, body] = readFileSync(join(exported, "README.md"), "utf8").split(/^---$/m);
    expect(parse(front)).toEqual({
      base_model: "someone/tiny",
      library_name: "transformers",
      pipeline_tag: "text-generation",
      license: "apache-2.0",
      language: ["en"],
      tags: ["strata", "qwen2", "merge"],
    });
    expect(body).toMatch(
      /Created from `someone\/tiny` with Strata .*: recipe `tiny`, strategy `slerp-1` \(0-1 · 1-2 · 2-3 · 3-4, slerp\)\./,
    );
    expect(body).toMatch(/\| 1 \| 4 \| 3-4 \| 2 \| \d+ \|/);
    expect(body).toContain("`slerp` with trainedShare 0.8, ");
    expect(body).toMatch(/\| loss · loss \| \d\.\d{4} ±\d\.\d{4} \| \d\.\d{4} ±\d\.\d{4} \|/);
    expect(body).toContain("folder: someone/tiny");
    expect(body).toContain("sequenceLength: 32");
    expect(body).not.toContain(root);
  });

  it("names its base as the hub does, where that is known, else as the folder", () => {
    const names = ["hf:meta-llama/Llama-3.2-1B@main", "/a/models--b--c/snapshots/9f", "/a/my-model"].map((folder) =>
      baseModelName(folder, start),
    );
    expect(names).toEqual(["meta-llama/Llama-3.2-1B", "b/c", "my-model"]);
  });

  it("is not written over something, and only strategies of the recipe can be named", async () => {
    expect(await strata(["export", "hf", recipe, "slerp-1", exported, "--runs", runs])).toEqual({
      code: 1,
      out: "",
      err:
        `FileError: ${exported} — expected a new or empty folder, got a folder with files.\n` +
        "  Choose another folder, or remove this one.\n",
    });
    expect(await strata(["export", "hf", recipe, "slerp-2", join(root, "other"), "--runs", runs])).toEqual({
      code: 1,
      out: "",
      err:
        'RunError: strategy of tiny — expected base, vanilla, alone, slerp-1, got "slerp-2".\n' +
        "  Choose a strategy of the recipe.\n",
    });
    expect(existsSync(join(root, "other"))).toBe(false);
  });

  it("that is not finished is refused with what to do", async () => {
    const result = await strata(["export", "hf", recipe, "slerp-1", join(root, "other"), "--runs", join(root, "none")]);
    expect(result.code).toBe(1);
    expect(result.err).toMatch(
      /^ReportError: .* — expected the finished job "merge slerp-1", got none\.\n {2}Run `strata run` with the same recipe first/,
    );
  });
});
