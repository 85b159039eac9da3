import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { deviceReport } from "../../src/device/open-device.js";
import type { SetChoice } from "../../src/device/cpu/instruction-sets.js";
import { testedSets } from "./instruction-sets.js";
import { kernelCases } from "./kernel-cases.js";
import { largeCases } from "./large-cases.js";
import { runCase, type Results } from "./run-case.js";

/** Instruction set → dtype of products → kernels → the first digits of the hash of all that their cases compute. */
type KernelBits = Record<string, Record<string, Record<string, string>>>;

const file = new URL("../golden/kernel-bits.json", import.meta.url);
const hadGolden = new Set(Object.keys(JSON.parse(readFileSync(file, "utf8")) as KernelBits));
const update = process.env.UPDATE_GOLDEN === "1";
const golden = JSON.parse(readFileSync(file, "utf8")) as KernelBits;
const cpu = (await deviceReport()).find(({ name }) => name === "cpu");

/** Cases that call the same kernels have names that differ in their sizes. */
const kernelsOf = (name: string) => name.replace(/,? (\d|B=).*$/, "");

function hash(results: readonly Results[]): string {
  const sum = createHash("sha256");
  for (const result of results)
    for (const values of Object.values(result)) {
      const all = new Float64Array(values);
      // Which NaN comes out depends on the order of operands, which a compiler may choose.
      for (let i = 0; i < all.length; i++) if (Number.isNaN(all[i])) all[i] = NaN;
      sum.update(new Uint8Array(all.buffer));
    }
  return sum.digest("hex").slice(0, 16);
}

async function bitsOf(instructionSet: SetChoice, computeDType: "f32" | "bf16"): Promise<Record<string, string>> {
  const results: Record<string, Results[]> = {};
  for (const one of [...kernelCases(), ...largeCases]) {
    const device = createCpuDevice({ threads: 2, instructionSet, computeDType });
    (results[kernelsOf(one.name)] ??= []).push(await runCase(device, one));
  }
  return Object.fromEntries(Object.entries(results).map(([kernels, all]) => [kernels, hash(all)]));
}

// A job's folder is named after its inputs and the version of its kind, not after the kernels: if a kernel gives other
// bits, stores would mix the results of both. So after such a change raise the versions of `train` and `evaluate` in
// src/run/kinds/job-kinds.ts, then UPDATE_GOLDEN=1 npx vitest run test/device/kernel-bits.test.ts.
describe.skipIf(!cpu?.available)(
  `kernels give the bits of before, whatever the compiler (skipped: ${cpu?.reason})`,
  () => {
    for (const { name: set, emulated, label, reason } of testedSets) {
      // An emulated set records bits only if no processor has: its bits must be those of a processor.
      const known = set in golden || update;
      const skipped = known ? reason : `no machine with ${set} has recorded its bits`;
      test.skipIf(skipped !== null).each(["f32", "bf16"] as const)(
        `${label}, products in %s${skipped === null ? "" : ` (skipped: ${skipped})`}`,
        async (computeDType) => {
          const bits = await bitsOf({ name: set, emulated }, computeDType);
          if (update && (!emulated || !hadGolden.has(set))) {
            (golden[set] ??= {})[computeDType] = bits;
            writeFileSync(file, `${JSON.stringify(golden, null, 2)}\n`);
          }
          expect(bits).toEqual(golden[set][computeDType]);
        },
        60_000,
      );
    }
  },
);
