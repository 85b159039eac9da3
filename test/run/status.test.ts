import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { thisHost } from "../../src/files/writer.js";
import { memoryFolder } from "../temporary-folder.js";
import { writeSmallRecipe } from "./small-recipe.js";
import { strata, type Ended } from "./strata.js";

const recipe = writeSmallRecipe(memoryFolder());
const runs = join(memoryFolder(), "runs");
const short = ["--set", "strategies=[vanilla]", "--set", "baselines=[]", "--set", "training.amount={steps: 1500}"];
const rarely = ["--set", "training.checkpointSteps=25"];

const run = () => strata(["run", recipe, "--runs", runs, ...short, ...rarely]);
const ask = (command: string, ...args: string[]) => strata([command, join(runs, "pico"), ...args]);

/** Waits until a training of the run has a checkpoint. */
async function trains(): Promise<void> {
  const jobs = join(runs, "jobs");
  const isThere = () =>
    existsSync(jobs) && readdirSync(jobs).some((id) => existsSync(join(jobs, id, "checkpoint.safetensors")));
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 10));
}

let meanwhile: Ended;
let cancelled: Ended;
let interrupted: Ended;

beforeAll(async () => {
  const running = run();
  await trains();
  meanwhile = await ask("status");
  cancelled = await ask("cancel");
  interrupted = await running;
});

it("shows a run on this machine: what runs, how far, and who executes it", () => {
  expect(meanwhile.out).toMatch(/^\S+pico: \d+ %, \d+ jobs: \d+ done, 1 running, \d+ waiting\n/);
  expect(meanwhile.out).toMatch(/Watched by process \d+\n/);
  expect(meanwhile.out).toMatch(/running +train-\w+ +(pre-train the base|train layers 0-4 on all shards) +process \d+/);
});

it("a run on this machine is stopped with its checkpoints, and resumed", async () => {
  expect(cancelled.out).toMatch(/^Stopped: process \d+\. `strata run` resumes\.\n$/);
  expect([interrupted.code, interrupted.err.includes("Interrupted.")]).toEqual([130, true]);
  expect((await ask("cancel")).out).toBe("Nothing was running.\n");
  expect((await run()).code).toBe(0);
  expect((await ask("status")).out).toMatch(/: 100 %, \d+ jobs: \d+ done\nReport: /);
});

it("a job whose record is damaged is named, and all others are shown", async () => {
  const id = readdirSync(join(runs, "jobs")).find((name) => name.startsWith("evaluate-")) as string;
  const record = join(runs, "jobs", id, "done.json");
  const text = readFileSync(record, "utf8");
  writeFileSync(
    record,
    text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)),
  );
  const { code, out } = await ask("status");
  writeFileSync(record, text);
  expect([code, out]).toEqual([0, expect.stringMatching(/ done, 1 failed\n/)]);
  expect(out).toMatch(new RegExp(`failed +${id} `));
  expect(out).toContain(`${record} — expected sha256 `);
});

it("a process that cannot be signalled from here is named and left alone", async () => {
  const watchers = join(runs, "pico/watchers");
  mkdirSync(watchers, { recursive: true });
  // The id of a process that is alive here, of another host, of another container, and of a time before the last start.
  const names = ["elsewhere", thisHost()].map((host) => `${host}-0a0a0a0a-${process.pid}-1`);
  for (const name of names) writeFileSync(join(watchers, name), "");
  const before = join(watchers, `${thisHost()}-0b0b0b0b-${process.pid}-1`);
  writeFileSync(before, "");
  utimesSync(before, 1, 1);
  const { code, out, err } = await ask("cancel");
  expect([code, out]).toEqual([1, "Nothing was running.\n"]);
  expect(err).toContain(`Perhaps still at work: process ${process.pid} on elsewhere, process ${process.pid}.`);
  expect(readdirSync(watchers).toSorted()).toEqual(names.toSorted());
  rmSync(watchers, { recursive: true });
});

it("logs find a job by its id, the beginning of it, or a part of its title, and say which there are", async () => {
  const id = readdirSync(join(runs, "jobs")).find((name) => name.startsWith("shards-")) as string;
  for (const name of [id, id.slice(0, 12)]) expect((await ask("logs", name)).out).toMatch(/^cut \d shards?: process/);
  const { code, err } = await ask("logs", "nothing");
  expect(code).toBe(1);
  expect(err).toMatch(/expected the id of one job, or a part of its title, got "nothing", which no job has/);
});

it("a folder that is no run is refused", async () => {
  const { code, err } = await strata(["status", recipe, "--runs", join(memoryFolder(), "none")]);
  expect(code).toBe(1);
  expect(err).toMatch(/expected the folder of a run, got no jobs\.json/);
});
