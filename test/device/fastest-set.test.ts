import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chooseByRate, fastestSet } from "../../src/device/cpu/fastest-set.js";
import { loadAddon } from "../../src/device/cpu/native-addon.js";
import { temporaryFolder } from "../temporary-folder.js";

describe("the choice by rates", () => {
  const names = ["tiles", "pairs", "rounded"];

  test.each<[string, number[], string]>([
    ["the first if all are equal", [100, 100, 100], "tiles"],
    ["the fastest", [100, 300, 200], "pairs"],
    ["the first of those that are nearly the fastest", [100, 105, 109], "tiles"],
    ["the first of two that are nearly equal and faster than others", [100, 190, 200], "pairs"],
    ["rounded operands where pairs have less than f32's rate", [100, 161, 222], "rounded"],
  ])("is %s", (_, rates, expected) => {
    const named = Object.fromEntries(names.map((name, at) => [name, rates[at]]));
    expect(names[chooseByRate(names, named)]).toBe(expected);
  });
});

const { addon } = loadAddon(false, "strata-emulated");

// Its sets have different ways of multiplying bf16, with rates of their own.
describe.skipIf(addon === null)("the measurement (skipped without the addon that emulates)", () => {
  const native = addon as NonNullable<typeof addon>;
  const available = addon?.instructionSets.flatMap((set, index) => (set.available ? [index] : [])) ?? [];
  const candidates = available.slice(-2);
  const names = candidates.map((index) => native.instructionSets[index].name);

  test("is kept for later processes, also if another came first", () => {
    const cache = join(temporaryFolder(), "cache");
    const measured = fastestSet(native, "bf16", candidates, cache);
    expect(Object.keys(measured.rates ?? {})).toEqual(names);
    expect(measured.index).toBe(candidates[chooseByRate(names, measured.rates ?? {})]);
    const [file, ...others] = readdirSync(cache);
    expect(others).toEqual([]);
    const kept = JSON.parse(readFileSync(join(cache, file), "utf8")) as { rates: Record<string, number> };
    expect(kept.rates).toEqual(measured.rates);

    const slowest = { ...kept.rates, [names[0]]: 1 };
    writeFileSync(join(cache, file), JSON.stringify({ rates: slowest }));
    const later = fastestSet(native, "bf16", candidates, cache);
    expect(later.rates).toEqual(slowest);
    expect(later.index).not.toBe(candidates[0]);
  });

  test("is repeated if its file is damaged", () => {
    const cache = temporaryFolder();
    fastestSet(native, "bf16", candidates, cache);
    const [file] = readdirSync(cache);
    writeFileSync(join(cache, file), "{");
    const { rates } = fastestSet(native, "bf16", candidates, cache);
    expect(Object.keys(rates ?? {})).toEqual(names);
    expect(JSON.parse(readFileSync(join(cache, file), "utf8"))).toMatchObject({ rates });
  });

  test("does not decide where it cannot be kept", () => {
    const occupied = join(temporaryFolder(), "a-file");
    writeFileSync(occupied, "");
    expect(fastestSet(native, "bf16", candidates, occupied)).toEqual({ index: candidates[0], rates: null });
  });

  test("is not made for a single set", () => {
    const cache = temporaryFolder();
    expect(fastestSet(native, "bf16", candidates.slice(0, 1), cache)).toEqual({ index: candidates[0], rates: null });
    expect(readdirSync(cache)).toEqual([]);
  });
});
