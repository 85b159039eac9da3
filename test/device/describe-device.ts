/** The conformance suite of all devices; a device joins with one line in conformance.test.ts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Device, ComputeDType } from "../../src/device/kernels.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { temporaryFolder } from "../temporary-folder.js";
import { refusals } from "./refusals.js";
import type { KernelCase } from "./case-tensors.js";
import { kernelCases, operandCases } from "./kernel-cases.js";
import { normalizedError, runCase, type Results } from "./run-case.js";

/** Largest normalized errors against the oracle, which rounds the same operands and sums in f64. */
export interface DeviceLimits {
  /** Of f32 results. */
  readonly sums: number;
  /**
   * Of results that are rounded to bf16 or f16: a slightly different sum may round to the neighboring value, 2⁻⁸ away,
   * in a few of many results. Also of all results of an attention over narrow operands.
   */
  readonly rounded: number;
  /**
   * Of attention and head if computeDType is narrow: only the device rounds their probabilities and gradients, by 2⁻⁹.
   */
  readonly roundedInside: number;
}

/** Reasons to skip a test (by its name), kernel cases (by the start of their names) or the whole suite (`all`). */
export type DeviceSkips = Readonly<Record<string, string>>;

/** Software adapters compile shaders for minutes. */
const minutes = 10;
const cases = [...kernelCases(), ...operandCases()];
/** Without the attention of which some operands are f32: software adapters compile it for minutes. */
const halfCases = operandCases("f16").filter(({ name }) => !name.endsWith(", f16 v dOut"));

export function describeDevice(
  name: string,
  open: (computeDType: ComputeDType) => Device | Promise<Device>,
  limits: DeviceLimits,
  skips: DeviceSkips = {},
  computeDTypes: readonly ComputeDType[] = ["f32", "bf16"],
): void {
  const tests: Record<string, () => Promise<void>> = {
    "refuses a slice, a file or a write that is out of range": async () => refuseRanges(await open("f32")),
    "keeps the values of scratch memory that is released": async () => keepScratch(await open("f32")),
    "computes with mapped files": async () => computeWithFiles(await open("f32")),
  };
  for (const computeDType of computeDTypes) {
    const selected = (computeDType === "f16" ? halfCases : cases).filter(
      (one) => !Object.keys(skips).some((start) => one.name.startsWith(start)),
    );
    tests[`agrees with the oracle in ${computeDType}`] = async () =>
      expect(await disagreements(await open(computeDType), selected, limits)).toEqual([]);
  }
  for (const { name: refused, run } of refusals) tests[`refuses ${refused}`] = async () => run(await open("f32"));
  const known = ["all", ...Object.keys(tests)];
  describe(`${name}${describeSkips(skips)}`, () => {
    for (const [title, run] of Object.entries(tests)) {
      test.skipIf("all" in skips || title in skips)(title, run, minutes * 60_000);
    }
    test("every skip matches something", () => {
      const unused = Object.keys(skips).filter(
        (skip) => !known.includes(skip) && !cases.some((one) => one.name.startsWith(skip)),
      );
      expect(unused).toEqual([]);
    });
  });
}

function describeSkips(skips: DeviceSkips): string {
  const reasons = Object.entries(skips).map(([what, reason]) => `${what}: ${reason}`);
  return reasons.length > 0 ? ` (skipped: ${reasons.join("; ")})` : "";
}

function limitOf({ name }: KernelCase, dtype: string, computeDType: ComputeDType, limits: DeviceLimits): number {
  if (dtype === "i32") return 0;
  if (computeDType !== "f32" && /^(attention|headLoss)/.test(name)) return limits.roundedInside;
  if (dtype === "bf16" || dtype === "f16") return name.startsWith("copy") ? 0 : limits.rounded;
  return name.includes("attention") && /b?f16/.test(name) ? limits.rounded : limits.sums;
}

/** The oracle computes each case once for all devices. */
const oracles: Readonly<Record<ComputeDType, Map<KernelCase, Promise<Results>>>> = {
  f32: new Map(),
  bf16: new Map(),
  f16: new Map(),
};

function expectedOf(one: KernelCase, computeDType: ComputeDType): Promise<Results> {
  const known = oracles[computeDType].get(one) ?? runCase(createReferenceDevice("f64", computeDType), one);
  oracles[computeDType].set(one, known);
  return known;
}

/** Names the results that differ from the oracle by more than their limit. */
async function disagreements(device: Device, some: readonly KernelCase[], limits: DeviceLimits): Promise<string[]> {
  const { computeDType } = device.facts;
  const wrong: string[] = [];
  for (const one of some) {
    const [results, expected] = [await runCase(device, one), await expectedOf(one, computeDType)];
    for (const [key, { dtype }] of Object.entries(one.tensors)) {
      const error = normalizedError(results[key], expected[key]);
      if (!(error <= limitOf(one, dtype, computeDType, limits))) wrong.push(`${one.name}: ${key} ${error}`);
    }
  }
  expect(some.length).toBeGreaterThan(0);
  return wrong;
}

function refuseRanges(device: Device): void {
  const path = join(temporaryFolder(), "short.bin");
  writeFileSync(path, Buffer.alloc(16));
  expect(() => device.map(path, 8, 4, "f32")).toThrow(
    `${path} — expected 4 elements of f32 from byte 8, got a file of 16 bytes.\n` +
      "  The file is shorter than its header says: copy or download it again.",
  );
  const buffer = device.allocate("f32", 5);
  for (const [offset, length] of [
    [-1, 2],
    [4, 2],
    [0, 0],
    [0.5, 1],
  ]) {
    expect(() => buffer.slice(offset, length)).toThrow(
      `slice of a buffer — expected a range within its 5 elements, got ${length} elements from ${offset}.`,
    );
  }
  expect(() => device.write(buffer, new Float32Array(6))).toThrow(
    "write buffer — expected f32 or f64 or i32 or bf16 or f16 with 6 elements, got f32 with 5.",
  );
  for (const length of [0, -1, 1.5]) {
    expect(() => device.allocate("f32", length)).toThrow(
      `allocate length — expected a positive integer, got ${length}.`,
    );
  }
}

async function keepScratch(device: Device): Promise<void> {
  const [scratch, memory] = [device.allocateScratch(temporaryFolder(), 1000), device.allocate("f32", 1000)];
  expect(await device.read(scratch)).toEqual(new Float32Array(1000));
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i));
  device.write(memory, values);
  device.kernels.copy({ out: scratch, x: memory });
  // A page boundary is inside the first half.
  device.release(scratch.slice(3, 500));
  device.release(scratch);
  device.release(memory);
  expect(await device.read(scratch)).toEqual(values);
  expect(await device.read(memory)).toEqual(values);
}

async function computeWithFiles(device: Device): Promise<void> {
  const path = join(temporaryFolder(), "values.bin");
  writeFileSync(path, new Uint8Array(Float32Array.of(0, 1, 2, 3, 4).buffer));
  const [mapped, out] = [device.map(path, 4, 4, "f32"), device.allocate("f32", 4)];
  device.kernels.matmul({ out, x: mapped, w: mapped, residual: null, N: 2, I: 2, O: 2 });
  expect(await device.read(mapped.slice(1, 2))).toEqual(Float32Array.of(2, 3));
  expect(await device.read(out)).toEqual(Float32Array.of(5, 11, 11, 25));
}
