import { appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openDone, openPart } from "../../src/jobs/packed/pack-format.js";
import { memoryFolder } from "../temporary-folder.js";
import { carriedOnce, carriedRun, workOn, type CarriedRun } from "./carry-recipe.js";
import { strata } from "./strata.js";

let run: CarriedRun;
const pack = (part: number, file: string) => run.command("pack", "--part", String(part), "--out", file);

beforeAll(async () => {
  run = await carriedRun(memoryFolder(), carriedOnce);
  expect((await pack(1, join(run.folder, "part-1.strata"))).code).toBe(0);
});

test("a pack with a flipped bit is written again", async () => {
  const file = join(run.folder, "damaged.strata");
  copyFileSync(join(run.folder, "part-1.strata"), file);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
  expect((await pack(1, file)).out).not.toContain("already written");
  expect(readFileSync(file).equals(readFileSync(join(run.folder, "part-1.strata")))).toBe(true);
  expect((await pack(1, file)).out).toContain("already written");
});

test("a pack does not replace that of another part which is not collected", async () => {
  const file = join(run.folder, "part-1.strata");
  const { code, err } = await pack(2, file);
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringContaining(
      "part-1.strata — expected a new file, or an earlier one of part 2 of slerp-1, got part 1 of slerp-1 of pico, " +
        "which is not collected yet.\n  Name another file by `--out FILE`.",
    ) as string,
  });
  expect((await openPart(file)).manifest.part).toBe(1);
});

test("a part is trained although its result would have the name of another one, which is kept", async () => {
  const folder = memoryFolder();
  const file = join(folder, "part.strata");
  for (const part of [1, 2]) {
    const packed = join(run.folder, `own-${part}.strata`);
    await pack(part, packed);
    copyFileSync(packed, file);
    expect((await workOn(file, "elsewhere")).code).toBe(0);
  }
  const done = readdirSync(folder).filter((name) => name.endsWith(".done.strata"));
  const parts = await Promise.all(done.map(async (name) => (await openDone(join(folder, name))).manifest.part));
  expect(new Map(done.map((name, i) => [name.replace(/train-\w+/, "JOB"), parts[i]]))).toEqual(
    new Map([
      ["part.JOB.done.strata", 1],
      ["part.done.strata", 2],
    ]),
  );
});

const isTaken = (folder: string, host: string) => {
  copyFileSync(join(run.folder, "part-1.strata"), join(folder, "part-1.strata"));
  writeFileSync(join(folder, "part-1.strata.lease"), `${host}-0a0a0a0a-1-1\n000000000000`);
};

test("a worker of a folder takes over a part whose machine gives no sign of life", async () => {
  const folder = memoryFolder();
  isTaken(folder, "dead");
  const { code, err } = await strata(["work", folder, "--threads", "1"], () => {}, { STRATA_LEASE_SECONDS: "2" });
  expect(err).toContain("part-1.strata: process 1 on dead has it; waiting for a sign of life");
  expect([code, existsSync(join(folder, "part-1.done.strata"))]).toEqual([0, true]);
});

test("a worker of a folder ends when a machine that is alive has all that is left", async () => {
  const folder = memoryFolder();
  isTaken(folder, "alive");
  const beats = setInterval(() => appendFileSync(join(folder, "part-1.strata.lease"), "1"), 100);
  const { code, err } = await strata(["work", folder, "--threads", "1"]);
  clearInterval(beats);
  expect(err).toContain("part-1.strata: process 1 on alive works on it");
  expect([code, existsSync(join(folder, "part-1.done.strata"))]).toEqual([0, false]);
});
