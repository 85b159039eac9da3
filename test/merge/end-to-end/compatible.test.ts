import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.js";
import { mergeConfig, tensorsOf, writeModel, type ModelTensor } from "./merge-runs.js";

interface Trap {
  readonly name: string;
  readonly yaml: string;
  readonly models: Readonly<Record<string, Readonly<Record<string, ModelTensor>>>>;
  /** What the output or the error says, and element values of `w`; null: refused. */
  readonly safe: { readonly says: readonly RegExp[]; readonly w: readonly number[] | null };
  readonly compatible: { readonly says: readonly RegExp[]; readonly w: readonly number[] };
}

const vector = (...values: number[]): ModelTensor => ({ shape: [values.length], values });
const matrix = (rows: number, ...values: number[]): ModelTensor => ({ shape: [rows, values.length / rows], values });
const w = (...values: number[]) => ({ w: vector(...values) });
const listed = (names: string, weights: readonly number[] = []) =>
  `models: [${names
    .split(" ")
    .map((name, i) => `{model: ${name}${weights.length === 0 ? "" : `, parameters: {weight: ${weights[i]}}`}}`)
    .join(", ")}]\n`;

const traps: readonly Trap[] = [
  {
    name: "breadcrumbs with gamma · elements below 1",
    yaml: `merge_method: breadcrumbs\nbase_model: base\nparameters: {weight: 1, density: 0.5}\n${listed("a")}`,
    models: { base: w(0, 0, 0, 0), a: w(1, 2, 3, 4) },
    safe: { says: [/gamma 0\.01/], w: [0, 0, 3, 4] },
    compatible: { says: [/gamma 0\.01/], w: [0, 0, 0, 0] },
  },
  {
    name: "another shape of a tensor",
    yaml: `merge_method: task_arithmetic\nbase_model: base\nparameters: {weight: 1}\n${listed("a b")}`,
    models: { base: w(0, 0), a: w(1, 2), b: w(5, 5, 5) },
    safe: { says: [/b w — expected shape \[2\] as in base, got \[3\]/, /--mergekit-compat/], w: null },
    compatible: { says: [/w: b is skipped/], w: [1, 2] },
  },
  {
    name: "vocabularies of different sizes",
    yaml: `merge_method: linear\nparameters: {weight: 1}\n${listed("a b")}`,
    models: {
      a: { ...w(1), "model.embed_tokens.weight": matrix(3, 1, 2, 3) },
      b: { ...w(3), "model.embed_tokens.weight": matrix(2, 1, 2) },
    },
    safe: { says: [/3 rows/, /2 rows/, /tokenizer_source/], w: null },
    compatible: { says: [/cropped to \[2, 1\]/, /\[3, 1\]/], w: [2] },
  },
  {
    name: "model_stock on disjoint windows",
    yaml: `merge_method: model_stock\nbase_model: base\n${listed("a b")}`,
    models: { base: w(1, 2), a: w(1, 2), b: w(2, 4) },
    safe: { says: [/model_stock/], w: [2, 4] },
    compatible: { says: [], w: [1, 2] },
  },
  {
    name: "linear with weights whose sum is 0",
    yaml: `merge_method: linear\n${listed("a b", [1, -1])}`,
    models: { a: w(1, 2), b: w(3, 2) },
    safe: { says: [/w, merged by linear — expected weights whose sum is not 0/], w: null },
    compatible: { says: [], w: [-Infinity, NaN] },
  },
  {
    name: "karcher of opposite models",
    yaml: `merge_method: karcher\n${listed("a b")}`,
    models: { a: w(2, 0), b: w(-1, 0) },
    safe: { says: [/karcher/, / w, so their arithmetic mean/], w: [0.5, 0] },
    compatible: { says: [], w: [1.5, 0] },
  },
  {
    name: "multislerp with weights whose sum is 0",
    yaml: `merge_method: multislerp\n${listed("a b", [1, -1])}`,
    models: { a: w(2, 0), b: w(0, 1) },
    safe: { says: [/w, merged by multislerp — expected weights whose sum is not 0/], w: null },
    compatible: { says: [], w: [NaN, NaN] },
  },
];

describe.each(traps)("$name", ({ yaml, models, safe, compatible }) => {
  const run = async (flags: readonly string[]) => {
    const cwd = temporaryFolder();
    const config = { architectures: ["ToyModel"], dtype: "float32" };
    for (const [name, tensors] of Object.entries(models)) writeModel(join(cwd, name), tensors, config);
    const ended = await mergeConfig(cwd, yaml, flags);
    const out = join(cwd, "out");
    const values = existsSync(out) ? [...tensorsOf(out).get("w")!.values] : null;
    rmSync(cwd, { recursive: true });
    return { ...ended, values };
  };

  test("is refused or merged safely, and said so", async () => {
    const { code, out, err, values } = await run([]);
    expect(code).toBe(safe.w === null ? 1 : 0);
    expect(values).toEqual(safe.w);
    for (const text of safe.says) expect(safe.w === null ? err : out).toMatch(text);
  });

  test("is as in mergekit with --mergekit-compat", async () => {
    const { code, out, values } = await run(["--mergekit-compat"]);
    expect(code).toBe(0);
    expect(values).toEqual(compatible.w);
    for (const text of compatible.says) expect(out).toMatch(text);
  });
});

test.each([
  [[], false, /lm_head\.weight is written.*tie_word_embeddings is set to false/],
  [["--mergekit-compat"], true, /lm_head\.weight is written.*keeps tie_word_embeddings/],
] as const)("a head beside tied embeddings, flags %j", async (flags, isTied, note) => {
  const cwd = temporaryFolder();
  const embedding = { "model.embed_tokens.weight": matrix(2, 1, 2) };
  const config = { architectures: ["ToyModel"], tie_word_embeddings: true };
  writeModel(join(cwd, "a"), embedding, config);
  writeModel(join(cwd, "b"), { ...embedding, "lm_head.weight": matrix(2, 3, 4) }, config);
  const { code, out } = await mergeConfig(
    cwd,
    `merge_method: linear\nparameters: {weight: 1}\n${listed("a b")}`,
    flags,
  );
  expect(code).toBe(0);
  expect(out).toMatch(note);
  const written = JSON.parse(readFileSync(join(cwd, "out/config.json"), "utf8")) as Record<string, unknown>;
  expect(written.tie_word_embeddings).toBe(isTied);
  expect([...tensorsOf(join(cwd, "out")).get("lm_head.weight")!.values]).toEqual([2, 3]);
});
