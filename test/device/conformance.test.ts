import { beforeAll, describe, expect, test } from "vitest";
import { deviceReport } from "../../src/device/open-device.js";
import { createNativeDevice } from "../../src/device/native/native-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { kernelCases } from "./kernel-cases.js";
import { normalisedError, runCase, type Results } from "./run-case.js";

const limit = 1e-12;
const cases = kernelCases();
const expected: Results[] = [];
const native = deviceReport().find(({ name }) => name === "native");

beforeAll(async () => {
  const oracle = createReferenceDevice("f64");
  for (const one of cases) expected.push(await runCase(oracle, one));
});

describe.skipIf(!native?.available)(`the native device (skipped: ${native?.reason})`, () => {
  for (const { name: instructionSet, available, reason } of native?.instructionSets ?? []) {
    for (const threads of [1, 3]) {
      test.skipIf(!available)(`${instructionSet} with ${threads} threads agrees with the oracle ${reason ?? ""}`, async () => {
        const device = createNativeDevice({ threads, instructionSet });
        const wrong: string[] = [];
        for (const [number, one] of cases.entries()) {
          const results = await runCase(device, one);
          for (const [key, { dtype }] of Object.entries(one.tensors)) {
            const error = normalisedError(results[key], expected[number][key]);
            if (!(error <= (dtype === "f32" || dtype === "f64" ? limit : 0))) wrong.push(`${one.name}: ${key} ${error}`);
          }
        }
        expect(wrong).toEqual([]);
      });
    }
  }
});

test("the reference device in f32 agrees with itself in f64", async () => {
  const device = createReferenceDevice("f32");
  for (const [number, one] of cases.entries()) {
    const results = await runCase(device, one);
    for (const [key, { dtype }] of Object.entries(one.tensors)) {
      if (dtype === "f32") expect(normalisedError(results[key], expected[number][key]), `${one.name} ${key}`).toBeLessThan(limit);
    }
  }
});
