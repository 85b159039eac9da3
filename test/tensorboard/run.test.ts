import type { ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readJournal } from "../../src/files/journal.js";
import { readDone } from "../../src/jobs/job-folder.js";
import { readPlan } from "../../src/run/graph/plan-record.js";
import { seriesOf } from "../../src/run/tensorboard/series.js";
import type { JournalEntry } from "../../src/train/journal.js";
import { writeSmallRecipe } from "../run/small-recipe.js";
import { strata, type Ended } from "../run/strata.js";
import { memoryFolder } from "../temporary-folder.js";
import { decodeEvents, scalarsOf, type DecodedEvent } from "./decode-events.js";

const overrides = [
  "seeds=[1, 2]",
  "training.amount.steps=200",
  "training.checkpointSteps=10",
  "baselines=[vanilla]",
  "strategies=[vanilla, {name: rounds, windows: [full, full], rounds: 2, merge: {method: union}}]",
  "shards=2",
  "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
];
const recipe = writeSmallRecipe(memoryFolder());
const runs = join(memoryFolder(), "runs");
const folder = join(runs, "pico");
const live = join(folder, "tensorboard");
const outputs = memoryFolder();

const run = (args: readonly string[], meanwhile?: (process: ChildProcess) => void) =>
  strata(["run", recipe, "--runs", runs, ...overrides.flatMap((set) => ["--set", set]), ...args], meanwhile);
const exportTo = (name: string, args: readonly string[] = []) =>
  strata(["export", "tensorboard", folder, join(outputs, name), ...args]);

interface Series {
  readonly events: string;
  readonly metrics: readonly Record<string, number>[];
  readonly decoded: readonly DecodedEvent[];
}

/** By folder. */
function readSeries(root: string): Map<string, Series> {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("tfevents"));
  return new Map(
    files.sort().map((name) => {
      // A kill can come between the first events and the first line.
      const path = join(root, dirname(name), "metrics.jsonl");
      const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
      const metrics = lines.map((line) => JSON.parse(line) as Record<string, number>);
      return [dirname(name), { events: name, metrics, decoded: decodeEvents(join(root, name)) }];
    }),
  );
}

/** Steps and values without times, which say when a job ended. */
const valuesOf = ({ decoded }: Series) =>
  [...scalarsOf(decoded)].map(([tag, scalars]) => [tag, scalars.map(({ step, value }) => [step, value])]);

function bytesOf(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(root, path), readFileSync(path).toString("base64")]));
}

const journalOf = (id: string) => readJournal<JournalEntry>(join(runs, "jobs", id, "journal.jsonl"));
const allParts = () => [1, 2].flatMap((seed) => seriesOf(readPlan(join(folder, `seed-${seed}`)), `seed-${seed}`).parts);

let killed: Ended;
let finished: Ended;
/** What the files were after the kill. */
let liveThen: Map<string, Series>;
let exportedThen: Map<string, Series>;
let stepsThen: Map<string, JournalEntry[]>;
let copied: string;

beforeAll(async () => {
  // On the slow device, so that the kill comes well before the last part.
  killed = await run(["--tensorboard", "--set", "machine.device=reference"], (process) => {
    const timer = setInterval(() => {
      if (!existsSync(join(live, "seed-1", "vanilla", "part-1", "metrics.jsonl"))) return;
      clearInterval(timer);
      process.kill("SIGKILL");
    }, 5);
  });
  // Workers end when their run has gone.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  stepsThen = new Map(allParts().map(({ folder: name, job }) => [name, journalOf(job.id)]));
  expect((await exportTo("then")).code).toBe(0);
  exportedThen = readSeries(join(outputs, "then"));
  liveThen = readSeries(live);
  copied = join(outputs, "copied");
  cpSync(live, copied, { recursive: true });
  finished = await run(["--tensorboard"]);
});

describe("a killed run", () => {
  it("is exported as far as its journals go", () => {
    expect(killed.code).toBe(null);
    const parts = [...stepsThen].filter(([, steps]) => steps.length > 0);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.length).toBeLessThan(stepsThen.size);
    expect([...exportedThen.keys()].filter((name) => stepsThen.has(name))).toEqual(parts.map(([name]) => name).sort());
    for (const [name, steps] of parts)
      expect(exportedThen.get(name)!.metrics.map(({ step, loss }) => [step, loss])).toEqual(
        steps.map(({ step, loss }) => [step, loss]),
      );
  });

  it("leaves event files with everything that metrics.jsonl has: events are written first", () => {
    expect(liveThen.size).toBeGreaterThan(1);
    for (const { metrics, decoded } of liveThen.values())
      for (const [tag, scalars] of scalarsOf(decoded)) {
        const rows = metrics.filter((row) => tag in row);
        const shown = scalars.slice(0, rows.length);
        expect(shown.map(({ step }) => step)).toEqual(rows.map(({ step }) => step));
        expect(shown.map(({ wallTime }) => wallTime)).toEqual(rows.map(({ timestamp }) => timestamp));
      }
  });
});

describe("a finished run", () => {
  it("was resumed, its live files grew, and end with the values of an export", async () => {
    expect(finished.code).toBe(0);
    expect(finished.err).toContain(`Show the progress: tensorboard --logdir ${live}\n`);
    expect((await exportTo("now")).code).toBe(0);
    const [exported, now] = [readSeries(join(outputs, "now")), readSeries(live)];
    expect([...now.keys()]).toEqual([...exported.keys()]);
    for (const [name, series] of exported) expect([name, valuesOf(now.get(name)!)]).toEqual([name, valuesOf(series)]);
    for (const [name, { events }] of liveThen) {
      const before = readFileSync(join(copied, events));
      expect([name, readFileSync(join(live, events)).subarray(0, before.length).equals(before)]).toEqual([name, true]);
    }
    expect(existsSync(join(live, "lock"))).toBe(false);
  });

  it("is exported with the same bytes each time, also over an earlier export", async () => {
    await exportTo("again");
    await exportTo("then");
    const first = bytesOf(join(outputs, "now"));
    expect(Object.keys(first).length).toBeGreaterThan(20);
    expect(bytesOf(join(outputs, "again"))).toEqual(first);
    expect(bytesOf(join(outputs, "then"))).toEqual(first);
  });

  it("has all values of the journals in the events, and in metrics.jsonl without rounding", () => {
    const exported = readSeries(join(outputs, "now"));
    const parts = allParts();
    expect(parts.map((part) => part.folder).slice(0, 6)).toEqual([
      "seed-1/base/pretrain",
      "seed-1/vanilla/part-1",
      ...["round-1-part-1", "round-1-part-2", "round-2-part-1", "round-2-part-2"].map(
        (name) => `seed-1/rounds/${name}`,
      ),
    ]);
    for (const { folder: name, job } of parts) {
      const steps = journalOf(job.id);
      expect(steps.length).toBeGreaterThan(0);
      const { finished: end, seconds } = readDone({ folder: runs }, job.id)!;
      const start = Date.parse(end) / 1000 - seconds;
      const { decoded, metrics } = exported.get(name)!;
      expect(decoded[0]).toMatchObject({ version: "brain.Event:2", values: [] });
      expect(metrics).toHaveLength(steps.length);
      for (const [i, entry] of steps.entries()) {
        const before = steps[i - 1] ?? { tokens: 0, seconds: 0 };
        const values = {
          loss: entry.loss,
          learning_rate: entry.learningRate,
          gradient_norm: Number(entry.gradientNorm),
          tokens: entry.tokens,
          tokens_per_second: (entry.tokens - before.tokens) / (entry.seconds - before.seconds),
        };
        const { timestamp, ...row } = metrics[i];
        expect(row).toEqual({ step: entry.step, ...values });
        expect(Math.abs(timestamp - start - entry.seconds)).toBeLessThan(0.002);
        expect(decoded[i + 1]).toEqual({
          wallTime: timestamp,
          step: entry.step,
          version: null,
          isSessionStart: false,
          values: Object.entries(values).map(([tag, value]) => [tag, Math.fround(value)]),
        });
      }
    }
  });

  it("has the scores of each strategy from the base on, and its merges", () => {
    const exported = readSeries(join(outputs, "now"));
    const rounds = exported.get("seed-2/rounds")!.metrics;
    expect(rounds.map(({ step }) => step)).toEqual([0, 50, 100]);
    expect(rounds.map((row) => "merge/cosine" in row && row["merge/lambda"] === 1)).toEqual([false, true, true]);
    const vanilla = exported.get("seed-2/vanilla")!.metrics;
    expect(vanilla.map(({ step }) => step)).toEqual([0, 100, 200]);
    expect(vanilla[0]).toEqual(rounds[0]);
    const ledger = JSON.parse(readFileSync(join(folder, "seed-2", "ledger.json"), "utf8"));
    for (const [i, series] of [vanilla, rounds].entries()) {
      const facts = ledger.strategies[i + 1];
      const losses = [...facts.curve, facts].map(({ scores }) => scores[0].metrics.loss.value as number);
      expect(series.slice(1).map((row) => row["score/loss/loss"])).toEqual(losses);
    }
  });
});

describe("folders", () => {
  const foreign = join(outputs, "foreign");

  it("with files of other programs are refused, or with --force written beside them", async () => {
    mkdirSync(foreign);
    writeFileSync(join(foreign, "metrics.jsonl"), "mine");
    const { code, err } = await exportTo("foreign");
    expect(code).toBe(1);
    expect(err).toBe(
      `FileError: ${foreign} — expected a new or empty folder, or one that Strata has written for TensorBoard, got ` +
        "other files, such as metrics.jsonl.\n  Choose another folder, or --force to keep these files and write " +
        "beside them.\n",
    );
    expect((await run(["--tensorboard", foreign])).code).toBe(1);
    expect(readdirSync(foreign)).toEqual(["metrics.jsonl"]);
    expect((await exportTo("foreign", ["--force", "--quiet"])).code).toBe(0);
    expect((await exportTo("foreign")).code).toBe(0);
    expect(readFileSync(join(foreign, "metrics.jsonl"), "utf8")).toBe("mine");
    expect(readSeries(join(foreign, "seed-1")).size).toBe(readSeries(join(live, "seed-1")).size);
  });

  it("that cannot be written are reported once, and the run finishes", async () => {
    const path = join(foreign, "metrics.jsonl", "below");
    const { code, err } = await run(["--quiet", "--tensorboard", path]);
    expect(code).toBe(0);
    expect(err).toBe(`TensorBoard: ${path} — expected to create the folder, got ENOTDIR; the run continues\n`);
  });

  it("cannot be asked of a run that leaves no process: export does it", async () => {
    const { code, err } = await run(["--detach", "--tensorboard"]);
    expect(code).toBe(2);
    expect(err).toBe(
      "error: option '--tensorboard' cannot be used with '--detach', which leaves no process to watch the run: use " +
        "`strata export tensorboard` at any time\n",
    );
  });

  it("of a run that was never prepared are not written", async () => {
    const none = join(outputs, "none");
    const { code } = await strata(["export", "tensorboard", recipe, none, "--runs", join(outputs, "no-runs")]);
    expect(code).toBe(1);
    expect(existsSync(none)).toBe(false);
  });
});
