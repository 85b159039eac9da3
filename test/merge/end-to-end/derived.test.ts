import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planShards } from "../../../src/merge/plan/plan-shards.js";
import type { PlannedTensor } from "../../../src/merge/plan/merge-plan.js";
import { parseShardSize } from "../../../src/merge/config/shard-size.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { withPlan } from "./merge-in-process.js";
import { writeModel } from "./merge-runs.js";

interface Derived {
  readonly id: string;
  readonly input?: readonly string[];
  readonly expected?: readonly string[];
  readonly bf16_bytes?: number;
  readonly fp32_bytes?: number;
}

const cases = JSON.parse(
  readFileSync(new URL("../../golden/merge/derived.json", import.meta.url), "utf8"),
) as readonly Derived[];
const derived = (id: string) => cases.find((one) => one.id === id)!;

const names = derived("derived-tensor-write-order").input!;
const linear =
  "models: [{model: P1, parameters: {weight: 1}}, {model: P0, parameters: {weight: 1}}]\nmerge_method: linear\n";

function models(): string {
  const cwd = temporaryFolder();
  for (const name of ["P0", "P1"]) {
    writeModel(join(cwd, name), Object.fromEntries(names.map((tensor) => [tensor, { shape: [2], values: [1, 2] }])));
  }
  return cwd;
}

test("tensors are planned, and consume random numbers, in the order of their names", async () => {
  const plan = await withPlan({ cwd: models(), yaml: linear }, (made) => made);
  const { expected } = derived("derived-tensor-write-order");
  expect(plan.tensors.map(({ name }) => name)).toEqual(expected);
  expect(plan.sequence.map(({ name }) => name)).toEqual(expected);
});

test("the first listed model gives its configuration if there is no base", async () => {
  expect(await withPlan({ cwd: models(), yaml: linear }, ({ donor }) => donor.label)).toBe("P1");
});

/** The tensors of a Llama of 1 billion parameters, whose embedding is the largest. */
function llama(bytesPerElement: number, withHead: boolean): PlannedTensor[] {
  const layer = [2048, 2048, 2048 * 2048 * 2, 2048 * 512 * 2, 2048 * 8192 * 3];
  const sizes = [...Array.from({ length: 16 }, () => layer).flat(), 2048, 2048 * 128256];
  const all = withHead ? [...sizes, 2048 * 128256] : sizes;
  return all.map((size, i) => ({ name: String(i), byteLength: size * bytesPerElement }) as PlannedTensor);
}

test("a model below the limit is one file, a larger one several", () => {
  const { bf16_bytes, fp32_bytes } = derived("derived-shard-bytes-llama-3.2-1b");
  const total = (tensors: readonly PlannedTensor[]) => tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const limit = parseShardSize("5b");
  for (const [width, bytes] of [
    [2, bf16_bytes],
    [4, fp32_bytes],
  ] as const) {
    const tensors = llama(width, false);
    expect(total(tensors)).toBe(bytes);
    expect(planShards(tensors, limit).map(({ name }) => name)).toEqual(["model.safetensors"]);
  }
  expect(total(llama(4, true))).toBe(5993930752);
  expect(planShards(llama(4, true), limit).map(({ name }) => name)).toEqual([
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
  ]);
});
