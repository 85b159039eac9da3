import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { StrataError } from "../../src/errors/strata-error.js";
import { extractArchive } from "../../src/files/archive/read-archive.js";
import { planArchive, writeArchive, type WrittenMember } from "../../src/files/archive/write-archive.js";
import { hashBytes } from "../../src/files/hash.js";
import { readDone, sealDone, verifyOutputs, type Done } from "../../src/jobs/job-folder.js";
import { extractPart } from "../../src/jobs/packed/extract-part.js";
import { openDone, openPart } from "../../src/jobs/packed/pack-format.js";
import { collectFile, deviceNotes, type CollectedFile } from "../../src/run/carry/collect-parts.js";
import { choosePart } from "../../src/run/carry/choose-parts.js";
import { repeatPruned } from "../../src/run/graph/prune-rounds.js";
import { momentsPath } from "../../src/run/kinds/train-parameters.js";
import { memoryFolder } from "../temporary-folder.js";
import { carriedOnce, carriedRun, workOn, type CarriedRun } from "./carry-recipe.js";

const freeDisk = () => Infinity;
const { signal } = new AbortController();

let run: CarriedRun;
let pack: string;
let done: string;

beforeAll(async () => {
  run = await carriedRun(memoryFolder(), carriedOnce);
  pack = join(run.folder, "part-2.strata");
  done = join(run.folder, "part-2.done.strata");
  const packed = await run.command("pack", "--part", "2", "--out", pack);
  expect(packed).toMatchObject({
    code: 0,
    out: expect.stringMatching(/part 2 of slerp-1.*model .* MB, data /) as string,
  });
  expect((await workOn(pack, "elsewhere")).code).toBe(0);
});

const prepared = () => ({ plan: run.plan, folder: join(run.store.folder, "pico"), jobs: run.plan.jobs });
const collect = (file: string): Promise<CollectedFile> =>
  collectFile(prepared(), run.store, file, { freeDisk, signal, onWait: () => {} });
const part = () => choosePart(run.plan, { part: 2 });

/** Writes a done pack again with other members or keys, with matching hashes. */
async function forged(name: string, change: { members?: (all: WrittenMember[]) => WrittenMember[]; keys?: object }) {
  const { manifest } = await openDone(done);
  const work = join(memoryFolder(), "forged");
  await extractArchive(await openDone(done), work, { freeBytes: Infinity });
  const { members, ...keys } = manifest;
  const all = members.map((member) => ({ ...member, source: join(work, member.path) }));
  const path = join(run.folder, name);
  await writeArchive(path, planArchive({ ...keys, ...change.keys }, change.members?.(all) ?? all));
  return path;
}

const withContent = (path: string, change: (text: string) => string) => (all: WrittenMember[]) =>
  all.map((member) => {
    if (member.path !== path) return member;
    const source = Buffer.from(change(readFileSync(member.source as string, "latin1")), "latin1");
    return { path, bytes: source.length, sha256: hashBytes(source), source };
  });

/** Changes the record of the job, with a hash that fits. */
const withRecord = (change: (text: string) => string) =>
  withContent("job/done.json", (text) => {
    const json = Buffer.from(change(text), "latin1").toString("utf8");
    const { sha256: _, ...record } = JSON.parse(json) as Done & { readonly sha256: string };
    return Buffer.from(JSON.stringify(sealDone(record))).toString("latin1");
  });

describe("a damaged file is refused by name and changes nothing", () => {
  const damage = (file: string, at: number): string => {
    const bytes = readFileSync(file);
    bytes[at] ^= 1 << (at % 8);
    const path = join(run.folder, `bad-${file.split("/").at(-1)}`);
    writeFileSync(path, bytes);
    return path;
  };

  test("a part with a flipped bit is never extracted as a whole", async () => {
    const { length } = readFileSync(pack);
    for (let i = 0; i < 40; i++) {
      const bad = damage(pack, Math.floor((i * (length - 1)) / 39));
      const work = join(run.folder, "bad-work");
      const extracted = openPart(bad).then((archive) => extractPart(archive, work, { freeBytes: Infinity }));
      await expect(extracted, `bit of byte ${i}`).rejects.toThrow(bad);
      expect(existsSync(join(work, "extracted.json"))).toBe(false);
    }
  });

  test("a finished part with a flipped bit is not collected", async () => {
    const { length } = readFileSync(done);
    for (let i = 0; i < 40; i++) {
      const bad = damage(done, Math.floor((i * (length - 1)) / 39));
      const { outcome, error } = await collect(bad);
      expect({ outcome, message: error?.message }).toMatchObject({
        outcome: "refused",
        message: expect.stringContaining(bad) as string,
      });
    }
    expect(readDone(run.store, part().job.id)).toBe(null);
    expect(readdirSync(join(run.store.folder, "pico")).filter((name) => name.startsWith("incoming"))).toEqual([]);
  });

  test("`strata work` on it fails with its name, and works on the other files", async () => {
    const flipped = join(run.folder, "flipped.strata");
    copyFileSync(damage(pack, readFileSync(pack).length - 2000), flipped);
    const { code, out, err } = await workOn(flipped, "elsewhere", pack);
    expect(code).toBe(1);
    expect(err).toMatch(/^FileError: .*flipped\.strata/m);
    expect(out).toMatch(/part-2\.done\.strata: already written/);
  });
});

describe("a finished part with matching hashes is refused", () => {
  const refused = async (path: string): Promise<string> => {
    const { outcome, error } = await collect(path);
    expect(outcome).toBe("refused");
    expect(error).toBeInstanceOf(StrataError);
    expect(readDone(run.store, part().job.id)).toBe(null);
    return error?.message ?? "";
  };

  test("if a tensor is not the one that the worker recorded", async () => {
    const path = "tensors/model/model.safetensors";
    const members = withContent(path, (text) => text.slice(0, -1) + (text.endsWith("a") ? "b" : "a"));
    expect(await refused(await forged("tensor.done.strata", { members }))).toMatch(
      /model\/model\.safetensors model\.\S+ — expected checksum \w{8}, as written/,
    );
  });

  test("if an output is outside of the job", async () => {
    for (const path of ["../../evil", "/evil"]) {
      const keys = { outputs: [{ path, as: "base", file: "model/config.json" }] };
      expect(await refused(await forged("path.done.strata", { keys }))).toContain("the manifest of a part");
      const base = { outputs: [{ path: "model/config.json", as: "base", file: path }] };
      expect(await refused(await forged("base.done.strata", { keys: base }))).toContain("the manifest of a part");
    }
  });

  test("if a member is missing, has another place, or the record is of another job", async () => {
    const without = (all: WrittenMember[]) => all.filter(({ path }) => !path.startsWith("headers/"));
    expect(await refused(await forged("without.done.strata", { members: without }))).toContain("a member of this name");
    const other = (all: WrittenMember[]) =>
      all.map((member) => ({ ...member, path: member.path.replace("job/", "a/") }));
    expect(await refused(await forged("other.done.strata", { members: other }))).toContain("only files of a part");
    const record = withRecord((text) => text.replace(/train-[0-9a-f]{16}/, "train-0123456789abcdef"));
    expect(await refused(await forged("record.done.strata", { members: record }))).toContain("the record of train-");
  });

  test("if it belongs to another recipe or to other values of it", async () => {
    const other = await carriedRun(memoryFolder(), [...carriedOnce, "seed=5"]);
    const { code, err } = await other.command("collect", done, "--quiet");
    expect(code).toBe(1);
    expect(err).toContain(`a training of pico: part 2 of slerp-1 is train-`);
    expect(err).toContain(`${part().job.id}, part 2 of slerp-1 of pico`);
  });

  test("if it is still to be worked on, or is no file of Strata", async () => {
    expect(await refused(pack)).toContain("expected a part that was worked on, got a part to work on");
    const text = join(run.folder, "text.done.strata");
    writeFileSync(text, "a".repeat(5000));
    expect(await refused(text)).toContain("a file of Strata, which begins with manifest.json");
    expect(await refused(join(run.folder, "none.done.strata"))).toContain("none.done.strata");
  });
});

test("a damaged file does not keep others from being collected; missing parts are named", async () => {
  const bad = join(run.folder, "a-bad.done.strata");
  writeFileSync(bad, readFileSync(done).subarray(0, 3000));
  await run.command("pack", "--part", "3", "--out", join(run.folder, "part-3.strata"), "--quiet");
  const { code, out, err } = await run.command("collect", bad, done);
  expect(code).toBe(1);
  expect(err).toContain(`✗ ${bad}: refused`);
  expect(err).toContain(`✓ ${done}: part 2 of slerp-1`);
  expect(out).toContain("Missing parts, which were handed out:\n  part 3 of slerp-1\n");
  expect(out).toMatch(/strata pack .* --strategy slerp-1 --part 1\n.* --part 4\n/);
  const again = await run.command("collect", done);
  expect(again).toMatchObject({ code: 0, err: expect.stringContaining("already collected") as string });
});

test("another version and another way of multiplying are noted", async () => {
  const other = await carriedRun(memoryFolder(), carriedOnce);
  expect((await other.command("pack", "--part", "2", "--out", join(other.folder, "a.strata"), "--quiet")).code).toBe(0);
  const members = withRecord((text) => text.replace(/"device": "[^"]*"/, '"device": "cpu other"'));
  const path = await forged("version.done.strata", { members, keys: { version: "0.0.9" } });
  const options = { freeDisk, signal, onWait: () => {} };
  const target = { ...prepared(), plan: other.plan, folder: join(other.store.folder, "pico") };
  const { outcome, notes } = await collectFile(target, other.store, path, options);
  expect({ outcome, notes }).toEqual({
    outcome: "collected",
    notes: [expect.stringMatching(/version\.done\.strata was written by Strata 0\.0\.9; this is /)],
  });
  copyFileSync(pack, join(other.folder, "part-1.strata"));
  const first = join(other.folder, "part-1.strata");
  await other.command("pack", "--part", "1", "--out", first, "--quiet");
  await workOn(first, "elsewhere");
  await collectFile(target, other.store, join(other.folder, "part-1.done.strata"), options);
  expect(deviceNotes(other.plan, other.store)).toEqual([
    expect.stringContaining("part 2 of slerp-1 multiplied by cpu"),
  ]);
});

test("an input of which no output came back is refused, and a run repeats its job", async () => {
  const { job } = part();
  const input = { job: job.id, path: momentsPath };
  await expect(verifyOutputs(run.store, input.job, input.path)).rejects.toThrow(
    "expected an output of the job, got none",
  );
  repeatPruned(run.store, [job, { ...job, id: "train-0000000000000000", inputs: { previous: input } }]);
  expect(readDone(run.store, job.id)).toBe(null);
});
