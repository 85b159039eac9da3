import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readDone } from "../../src/jobs/job-folder.js";
import { allParts } from "../../src/run/carry/choose-parts.js";
import { openPart } from "../../src/jobs/packed/pack-format.js";
import { memoryFolder, temporaryFolder } from "../temporary-folder.js";
import { carriedRun, carryTo, expectSameOutputs, ledgerOf, workOn, type CarriedRun } from "./carry-recipe.js";
import { leaseHolder } from "../../src/files/lease.js";
import { strata } from "./strata.js";

let local: CarriedRun;

beforeAll(async () => {
  local = await carriedRun(memoryFolder());
  const ended = await local.command("run", "--quiet");
  expect(ended).toEqual({ code: 0, out: "", err: "" });
}, 240_000);

const partsIn = (folder: string) =>
  readdirSync(folder).filter((name) => name.endsWith(".strata") && !name.endsWith(".done.strata"));

describe("a run whose parts four machines train", () => {
  let run: CarriedRun;
  const outputs: string[] = [];

  beforeAll(async () => {
    run = await carriedRun(memoryFolder(), undefined, local);
    const machines = [0, 1, 2, 3].map(() => memoryFolder());
    const to = join(run.folder, "parts");
    for (const round of [1, 2]) {
      expect((await run.command("pack", "--to", to, "--quiet")).code).toBe(0);
      const files = partsIn(to);
      expect(files).toHaveLength(round === 1 ? 12 : 8);
      for (const [i, machine] of machines.entries()) {
        const names = files.filter((_, at) => at % 4 === i);
        const { code, out } = await carryTo(machine, to, names, `machine-${i}`);
        expect([code, out.match(/\.done\.strata: /g)?.length]).toEqual([0, names.length]);
      }
      const collected = await run.command("collect", to);
      expect(collected.code).toBe(0);
      outputs.push(collected.out);
    }
  }, 600_000);

  test("has the bytes of a local run", () => {
    expectSameOutputs(run, local.store);
  });

  test("has the report of a local run", () => {
    expect(existsSync(join(run.store.folder, "pico/report.html"))).toBe(true);
    expect(ledgerOf(run)).toEqual(ledgerOf(local));
  });

  test("says after each round which parts are next", () => {
    expect(outputs[0]).toContain("Next parts to hand out:");
    expect(outputs[0].match(/strata pack .* --strategy (rounds|sent) --round 2 --part \d/g)).toHaveLength(8);
    expect(outputs[1]).toContain("Report: ");
  });

  test("records the machines, and lists only outputs that came back", () => {
    const parts = allParts(run.plan);
    const records = parts.map(({ job }) => readDone(run.store, job.id));
    expect(new Set(records.map((done) => done?.machine.split(",")[0]))).toEqual(
      new Set(["machine-0", "machine-1", "machine-2", "machine-3"]),
    );
    const sent = parts.filter(({ strategy, round }) => strategy === "sent" && round === 1);
    for (const { job } of sent)
      expect(Object.keys(readDone(run.store, job.id)?.outputs ?? {})).toEqual([
        "change.safetensors",
        "moments.safetensors",
        "residual.safetensors",
      ]);
  });

  test("does nothing more when it is run on the coordinator", async () => {
    const { code, err } = await run.command("run");
    const jobs = run.plan.jobs.length;
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining(`${jobs} of ${jobs} jobs are already`) });
  });
});

describe("packing", () => {
  const pack = (file: string, ...more: readonly string[]) =>
    run.command("pack", "--strategy", "slerp-1", "--part", "2", "--out", file, "--quiet", ...more);
  let run: CarriedRun;
  beforeAll(async () => {
    run = await carriedRun(memoryFolder(), undefined, local);
  });

  test("twice, also in another store, gives the same bytes", async () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => join(run.folder, `${name}.strata`));
    expect((await pack(a)).code).toBe(0);
    expect((await pack(b)).code).toBe(0);
    expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
    const other = await carriedRun(memoryFolder());
    expect((await other.command("pack", "--strategy", "slerp-1", "--part", "2", "--out", c, "--quiet")).code).toBe(0);
    expect(readFileSync(a).equals(readFileSync(c))).toBe(true);
  });

  test("carries the data of its shard only", async () => {
    const file = join(run.folder, "shard.strata");
    await pack(file);
    const { manifest } = await openPart(file);
    const data = manifest.members.map(({ path }) => path).filter((path) => path.startsWith("jobs/shards-"));
    expect(data.map((path) => path.split("/")[2])).toEqual([
      "done.json",
      "manifest.json",
      "shard-1.tokens",
      "shard-1.starts",
    ]);
  });

  test("of a later round names the parts that are missing", async () => {
    const { code, err } = await run.command("pack", "--strategy", "sent", "--round", "2", "--part", "1");
    expect(code).toBe(1);
    expect(err).toContain(
      "RunError: pico — expected the parts of the rounds before, got these missing: part 1 of sent; part 2 of sent; " +
        "part 3 of sent; part 4 of sent.",
    );
  });

  test("of a part that several strategies have asks for one", async () => {
    const { code, err } = await run.command("pack", "--part", "1");
    expect(code).toBe(1);
    expect(err).toContain("expected the name of one strategy, got parts of slerp-1, rounds, sent.");
    const none = await run.command("pack", "--part", "7");
    expect(none.err).toContain("expected a part of a round: slerp-1 (4); rounds (4, 4); sent (4, 4), got none.");
  });

  test("needs --part or --to", async () => {
    const { code, err } = await run.command("pack");
    expect({ code, err }).toEqual({ code: 2, err: "error: give --part or --to\n" });
  });
});

test("a training that was killed resumes on another machine, with the same bytes", async () => {
  // Four steps of training: on a disk, they take long enough to be killed in the middle.
  const run = await carriedRun(temporaryFolder(), undefined, local);
  const file = join(run.folder, "part-3.strata");
  await run.command("pack", "--strategy", "slerp-1", "--part", "3", "--out", file, "--quiet");
  const { manifest } = await openPart(file);
  const checkpoint = join(`${file}.work`, "jobs", manifest.job, "checkpoint.safetensors");
  let worker = 0;
  const killed = await strata(
    ["work", file, "--threads", "1"],
    (child) => {
      const timer = setInterval(() => {
        if (!existsSync(checkpoint)) return;
        clearInterval(timer);
        worker = leaseHolder(join(checkpoint, "../lock"))?.pid as number;
        process.kill(worker, "SIGKILL");
        process.kill(child.pid as number, "SIGKILL");
      }, 2);
    },
    { STRATA_HOST: "this" },
  );
  expect(killed.code).toBe(null);
  const resumed = await strata(["work", file, "--threads", "1"], () => {}, {
    STRATA_HOST: "other",
    STRATA_LEASE_SECONDS: "2",
  });
  expect(resumed.err).toMatch(/waiting for process \d+ on this, which works on .*part-3\.strata/);
  expect(resumed.code).toBe(0);
  expect(existsSync(`${file}.work`)).toBe(false);
  const again = await workOn(file, "other");
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining("already written") as string });
  expect((await run.command("collect", join(run.folder, "part-3.done.strata"), "--quiet")).code).toBe(0);
  const [found, expected] = [run.store, local.store].map((store) => readDone(store, manifest.job)?.outputs ?? {});
  expect(Object.keys(found).length).toBeGreaterThan(4);
  expect(expected).toMatchObject(found);
  const log = readFileSync(join(run.store.folder, "jobs", manifest.job, "log.txt"), "utf8");
  expect(log.match(/: process \d+ with/g)).toHaveLength(2);
});

test("a shared folder with two workers and a watching coordinator gives the bytes of a local run", async () => {
  const run = await carriedRun(memoryFolder(), undefined, local);
  const shared = join(run.folder, "shared");
  mkdirSync(shared);
  expect((await run.command("pack", "--to", shared, "--quiet")).code).toBe(0);
  const children: ChildProcess[] = [];
  const workers = ["left", "right"].map((host) =>
    strata(["work", shared, "--threads", "1", "--wait"], (child) => children.push(child), { STRATA_HOST: host }),
  );
  const { code, out } = await run.command("collect", shared, "--watch");
  for (const child of children) child.kill("SIGTERM");
  expect(code).toBe(0);
  expect(out).toContain("Report: ");
  for (const { code: ended, err } of await Promise.all(workers)) {
    expect(ended).toBe(130);
    expect(err).not.toContain("Error");
  }
  expectSameOutputs(run, local.store);
  const machines = allParts(run.plan).map(({ job }) => readDone(run.store, job.id)?.machine.split(",")[0]);
  expect(new Set(machines)).toEqual(new Set(["left", "right"]));
  expect(readdirSync(shared).filter((name) => /lease|work|partial/.test(name))).toEqual([]);
}, 400_000);
