import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";

const root = temporaryFolder();
const model = join(root, "model");
const recipe = join(root, "noted.yaml");
const runs = join(root, "runs");
const note =
  "lm_head.weight differs from the embedding although config.json has tie_word_embeddings: true. It is used as a " +
  "separate matrix, as in transformers 5, and written models have tie_word_embeddings: false.";

/** A head that differs from the embedding, with a configuration that ties them. */
beforeAll(() => {
  cpSync(join(import.meta.dirname, "../golden/gguf/untied"), model, { recursive: true });
  const path = join(model, "config.json");
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace('"tie_word_embeddings": false', '"tie_word_embeddings": true'),
  );
  writeFileSync(
    recipe,
    `
name: noted
holdOut: 0.1
data: { problems: { synthetic: problems, documents: 60 } }
model: { folder: ${model} }
training: { data: [problems], sequenceLength: 16, batchSize: 2, amount: { steps: 1 } }
strategies: [{ name: two, windows: [0-1, 1-2] }]
evaluation: [{ name: loss, kind: loss, data: problems, documents: 2 }]
machine: { threads: 1, parallel: 2 }
`,
  );
});

test("generate and export print the notes of a model on stderr", async () => {
  const generated = await strata(["generate", "--model", model, "--prompt", "One", "--max-tokens", "2"]);
  expect([generated.code, generated.err]).toEqual([0, `Note: ${note}\n`]);
  const exported = await strata(["export", "hf", model, join(root, "exported")]);
  expect([exported.code, exported.err]).toEqual([0, `Note: ${note}\n`]);
  const gguf = await strata(["export", "gguf", model, join(root, "model.gguf"), "--json"]);
  expect([gguf.code, gguf.err]).toEqual([0, `Note: ${note}\n`]);
  expect(JSON.parse(gguf.out)).toMatchObject({ notes: [note.slice(0, -1)] });
  const again = await strata(["generate", "--model", join(root, "exported"), "--prompt", "One", "--max-tokens", "2"]);
  expect(again).toEqual({ ...generated, err: "" });
});

test("plan and run print them once, and the logs of initial model and merge have them", async () => {
  const planned = await strata(["plan", recipe, "--runs", runs]);
  expect(planned.out.split(note)).toHaveLength(2);
  const asJson = await strata(["plan", recipe, "--runs", runs, "--json"]);
  expect(JSON.parse(asJson.out)).toMatchObject({ notes: [note.slice(0, -1)] });
  const ran = await strata(["run", recipe, "--runs", runs]);
  expect(ran.code, ran.err).toBe(0);
  expect(ran.err.split(note)).toHaveLength(2);
  const logs = readdirSync(join(runs, "jobs"))
    .filter((id) => readFileSync(join(runs, "jobs", id, "log.txt"), "utf8").includes(note.slice(0, -1)))
    .map((id) => id.split("-")[0]);
  expect([...new Set(logs)].sort()).toEqual(["initialize", "merge"]);
  const exported = await strata(["export", "hf", recipe, "two", join(root, "two"), "--runs", runs]);
  expect([exported.code, exported.err]).toEqual([0, `Note: ${note}\n`]);
  const config = readFileSync(join(root, "two", "config.json"), "utf8");
  expect(JSON.parse(config)).toMatchObject({ tie_word_embeddings: false });
}, 120_000);
