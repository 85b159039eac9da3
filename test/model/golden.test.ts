import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/kernels.js";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { parseConfig } from "../../src/model/config/model-config.js";
import { generate } from "../../src/model/inference/generate.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { loadModel } from "../../src/model/model.js";
import { createRopeTable, inverseFrequencies } from "../../src/model/layers/rope-table.js";
import { createScorer } from "../../src/model/inference/score.js";
import type { ScoreBatch } from "../../src/model/inference/score-batch.js";
import { createTrainingStep } from "../../src/model/training/training-step.js";
import type { FloatArray } from "../../src/tensor/dtype.js";

/** Made by test/golden/make-pico-llama.py. */
const golden = join(import.meta.dirname, "../golden/pico-llama");
const limit = 1e-5;

interface Golden {
  readonly B: number;
  readonly T: number;
  readonly ids: number[];
  readonly targets: number[];
  readonly firstVisible: number[];
  readonly losses: number[];
  readonly best: number[];
  readonly gradients: Record<string, { norm: number; values: number[] }>;
  readonly prompts: number[][];
  readonly continuations: number[][];
}

const readGolden = <Value>(path: string) => JSON.parse(readFileSync(join(golden, path), "utf8")) as Value;

function batchOf({ B, T, ids, targets, firstVisible }: Golden) {
  return {
    B,
    T,
    ids: Int32Array.from(ids),
    targets: Int32Array.from(targets),
    firstVisible: Int32Array.from(firstVisible),
  };
}

/** The documents of the packed sequences as separate texts. */
function wholeTexts({ B, T, ids, targets, firstVisible }: ReturnType<typeof batchOf>): ScoreBatch {
  const isStart = (n: number) => n % T === firstVisible[n];
  const starts = Array.from({ length: B * T }, (_, n) => n).filter(isStart);
  const groups = starts.map((start, i) => ({ start, prefix: (starts[i + 1] ?? B * T) - start, continuations: [] }));
  return { ids, positions: ids.map((_, n) => (n % T) - firstVisible[n]), groups, rows: ids.map((_, n) => n), targets };
}

const folders = ["tied-llama3-rope", "untied"];
const cpu = (await deviceReport()).find(({ name }) => name === "cpu");

describe("reference device", () => folders.forEach((name) => compare(name, () => createReferenceDevice("f32"))));
describe.skipIf(!cpu?.available)(`cpu device${cpu?.reason ? ` (${cpu.reason})` : ""}`, () =>
  folders.forEach((name) => compare(name, () => openDevice("cpu", 2, "f32"))),
);

function compare(name: string, open: () => Device | Promise<Device>): void {
  const expected = readGolden<Golden>(`${name}/golden.json`);
  const source = openModelFolder(join(golden, name));
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });

  it(`${name}: losses and likeliest ids are those of transformers`, async () => {
    const scorer = createScorer(loadModel(device, source, null), expected.B * expected.T);
    const { losses, best } = await scorer.score(wholeTexts(batchOf(expected)));
    expect([...best]).toEqual(expected.best);
    expected.losses.forEach((loss, n) =>
      expect(Math.abs(losses[n] - loss), `loss ${n}`).toBeLessThan(limit * (1 + loss)),
    );
  });

  it(`${name}: gradients are those of PyTorch`, async () => {
    const model = loadModel(device, source, { first: 0, end: 2, embeddings: true });
    const total = await createTrainingStep(model, expected.B, expected.T, false).run(batchOf(expected), 1);
    const sum = expected.losses.reduce((a, b) => a + b, 0);
    expect(Math.abs(total - sum) / sum).toBeLessThan(limit);
    expect([...model.gradients.keys()].sort()).toEqual(Object.keys(expected.gradients).sort());
    for (const [weight, { norm, values }] of Object.entries(expected.gradients)) {
      const gradient = (await device.read(model.gradients.get(weight)!)) as FloatArray;
      const got = Math.sqrt(Array.from(gradient).reduce((squares, g) => squares + g * g, 0));
      expect(Math.abs(got - norm) / norm, weight).toBeLessThan(limit);
      const stride = Math.max(1, Math.floor(gradient.length / 8));
      values.forEach((value, i) =>
        expect(Math.abs(gradient[i * stride] - value) / norm, `${weight} ${i}`).toBeLessThan(limit),
      );
    }
  });

  it(`${name}: 24 greedy tokens after prompts of three lengths are those of transformers`, async () => {
    const model = loadModel(device, source, null);
    const options = { maxTokens: 24, temperature: 0, seed: 0, stop: () => false };
    expect(await generate(model, expected.prompts, options)).toEqual(expected.continuations);
  });
}

it("frequencies and far cosines of llama3 rope scaling are those of transformers", async () => {
  const expected = readGolden<{ inverseFrequencies: number[]; positions: number[]; cosines: number[][] }>("rope.json");
  const config = {
    ...parseConfig(readGolden("untied/config.json"), "config.json"),
    headDim: 64,
    ropeTheta: 500000,
    ropeScaling: {
      kind: "llama3" as const,
      factor: 32,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalPositions: 8192,
    },
  };
  const frequencies = inverseFrequencies(config);
  expect([...frequencies]).toEqual(expected.inverseFrequencies);
  const device = createReferenceDevice("f32");
  const cosine = await device.read(createRopeTable(device, config, 131072).cosine);
  expected.positions.forEach((position, p) => {
    expected.cosines[p].forEach((value, j) => expect(Math.abs(cosine[position * 32 + j] - value)).toBeLessThan(2e-7));
  });
});
