import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { strata } from "../../run/strata.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { writeModel, type ModelTensor } from "../end-to-end/merge-runs.js";

const root = temporaryFolder();
const [a, b] = [join(root, "a"), join(root, "b")];
const layer = (i: number, values: readonly number[]): [string, ModelTensor] => [
  `model.layers.${i}.mlp.weight`,
  { shape: [2], values },
];
const layers = (moved: readonly number[]) =>
  Object.fromEntries(Array.from({ length: 4 }, (_, i) => layer(i, moved.includes(i) ? [3, 8] : [3, 4])));
writeModel(a, { "model.embed_tokens.weight": { shape: [2], values: [1, 2] }, ...layers([]) });
writeModel(b, { "model.embed_tokens.weight": { shape: [2], values: [1, 2] }, ...layers([2]) });

test("diff shows which layers moved and exits with 0", async () => {
  const { code, out, err } = await strata(["diff", a, b]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toBe(`A: ${a}
B: ${b}

part        tensors  state                     ‖A‖    ‖B‖  change  relative    cosine  largest
embeddings        1  identical, bit for bit  2.236  2.236       0
layers 0–1        2  identical, bit for bit
layer 2           1  changed                     5  8.544       4      80 %  0.959737        4
layer 3           1  identical, bit for bit      5      5       0

Moved: layer 2 (in all by 39.04 % of ‖A‖)
Identical, bit for bit: embeddings, layers 0–1, layer 3
`);
});

test("diff of a folder with itself says so", async () => {
  const { code, out } = await strata(["diff", a, a]);
  expect(code).toBe(0);
  expect(out).toContain("A and B are identical, bit for bit: 5 tensors.\n");
});

test("--tensors lists every tensor, --json has all numbers", async () => {
  const long = await strata(["diff", a, b, "--tensors"]);
  expect(long.out).toContain("model.layers.2.mlp.weight  F32 [2]          changed");
  const { code, out } = await strata(["diff", a, b, "--json"]);
  expect(code).toBe(0);
  const facts = JSON.parse(out) as Record<string, unknown>;
  expect(Object.keys(facts)).toEqual(["a", "b", "identical", "onlyInA", "onlyInB", "groups", "total", "tensors"]);
  expect(facts).toMatchObject({ identical: false, onlyInA: [], onlyInB: [], total: { change: 4 } });
});

test("what cannot be compared is an error", async () => {
  const missing = await strata(["diff", a, join(root, "nothing")]);
  expect([missing.code, missing.out]).toEqual([1, ""]);
  expect(missing.err).toContain(join(root, "nothing"));
  writeModel(join(root, "other"), { w: { shape: [1], values: [1] } });
  const other = await strata(["diff", a, join(root, "other")]);
  expect([other.code, other.out]).toEqual([1, ""]);
  expect(other.err).toContain("tensors of the same names");
  writeFileSync(join(root, "cut.safetensors"), "no header");
  const cut = await strata(["diff", a, join(root, "cut.safetensors")]);
  expect([cut.code, cut.out]).toEqual([1, ""]);
  expect(cut.err).toContain("cut.safetensors");
});
