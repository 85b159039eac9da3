import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import type { DamagedLine } from "../../src/files/journal.js";
import { appendJournal, rewriteJournal } from "../../src/files/journal.js";
import { followPart, type WatchedPart } from "../../src/run/tensorboard/watched-part.js";
import { temporaryFolder } from "../temporary-folder.js";
import { decodeEvents, scalarsOf } from "./decode-events.js";

let store: { folder: string };
let journal: string;
let series: string;
let damages: DamagedLine[];
let state: WatchedPart | null;

beforeEach(() => {
  store = { folder: temporaryFolder() };
  mkdirSync(join(store.folder, "jobs", "train-1"), { recursive: true });
  journal = join(store.folder, "jobs", "train-1", "journal.jsonl");
  series = join(temporaryFolder(), "slerp-1", "part-1");
  damages = [];
  state = null;
});

/** Losses that differ in f32, and times that differ in each attempt. */
const line = (step: number, attempt = 0) => ({
  step,
  loss: 5 - step / 128,
  learningRate: 0.001,
  gradientNorm: 1 + step,
  tokens: 128 * step,
  seconds: 0.5 * step + attempt,
});
const lines = (from: number, to: number, attempt = 0) =>
  Array.from({ length: to - from + 1 }, (_, i) => line(from + i, attempt));
const add = (from: number, to: number) => lines(from, to).forEach((one) => appendJournal(journal, one));
const follow = async () =>
  void (state = await followPart(store, "train-1", series, state, (damage) => damages.push(damage)));
const eventFile = () =>
  join(
    series,
    readdirSync(series).find((name) => name.includes("tfevents"))!,
  );
const metrics = () =>
  readFileSync(join(series, "metrics.jsonl"), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((text) => JSON.parse(text) as { step: number; timestamp: number; loss: number });
const events = () => decodeEvents(eventFile());

/** The files agree with each other and with the steps. */
function expectSteps(steps: number): void {
  const losses = Array.from({ length: steps }, (_, i) => 5 - (i + 1) / 128);
  expect(metrics().map(({ loss }) => loss)).toEqual(losses);
  const shown = scalarsOf(events());
  expect(shown.get("loss")!.map(({ value }) => value)).toEqual(losses);
  expect(shown.get("loss")!.map(({ wallTime }) => wallTime)).toEqual(metrics().map(({ timestamp }) => timestamp));
  for (const scalars of shown.values())
    expect(scalars.map(({ step }) => step)).toEqual(metrics().map(({ step }) => step));
}
const starts = () =>
  events()
    .filter(({ isSessionStart }) => isSessionStart)
    .map(({ step }) => step);

it("a part that has not started has no files", async () => {
  await follow();
  writeFileSync(journal, "");
  await follow();
  expect(() => statSync(series)).toThrow("ENOENT");
});

it("new lines are appended, and a line that is not complete waits", async () => {
  add(1, 3);
  await follow();
  expectSteps(3);
  const before = readFileSync(eventFile());
  add(4, 5);
  const size = statSync(journal).size;
  truncateSync(journal, size - 10);
  await follow();
  expectSteps(4);
  rewriteLast();
  await follow();
  expectSteps(5);
  expect(readFileSync(eventFile()).subarray(0, before.length)).toEqual(before);
  expect(starts()).toEqual([]);
  expect(events().filter(({ version }) => version !== null)).toHaveLength(1);

  function rewriteLast(): void {
    const whole = join(store.folder, "whole.jsonl");
    rewriteJournal(whole, lines(1, 5));
    appendFileSync(journal, readFileSync(whole).subarray(statSync(journal).size));
  }
});

it("steps that a resumed part repeats replace those after its checkpoint", async () => {
  add(1, 7);
  await follow();
  rewriteJournal(journal, lines(1, 4));
  await follow();
  expectSteps(4);
  for (const one of lines(5, 9, 0.25)) appendJournal(journal, one);
  await follow();
  expectSteps(9);
  expect(starts()).toEqual([5]);
});

it("a part that has repeated more steps than it had is noticed, too", async () => {
  add(1, 7);
  await follow();
  rewriteJournal(journal, [...lines(1, 4), ...lines(5, 12, 0.25)]);
  await follow();
  expectSteps(12);
  expect(starts()).toEqual([5]);
});

it("another process continues the files, with the start that they have", async () => {
  add(1, 3);
  await follow();
  const [first] = metrics();
  add(4, 6);
  state = null;
  await follow();
  expectSteps(6);
  expect(metrics()[0]).toEqual(first);
  expect(readdirSync(series)).toHaveLength(2);
  const size = statSync(eventFile()).size;
  state = null;
  await follow();
  expect(statSync(eventFile()).size).toBe(size);
});

it.each(["events", "metrics"] as const)("a crash that cut %s anywhere is repaired", async (which) => {
  add(1, 3);
  await follow();
  const path = which === "events" ? eventFile() : join(series, "metrics.jsonl");
  const content = readFileSync(path);
  add(4, 4);
  await follow();
  const whole = readFileSync(path);
  const others = which === "events" ? join(series, "metrics.jsonl") : eventFile();
  const otherWhole = readFileSync(others);
  for (let bytes = content.length; bytes < whole.length; bytes += 5) {
    writeFileSync(path, whole.subarray(0, bytes));
    // Events are written first: without their last one, metrics.jsonl has no line of it.
    writeFileSync(
      others,
      which === "events" ? otherWhole.subarray(0, otherWhole.lastIndexOf("\n", -2) + 1) : otherWhole,
    );
    state = null;
    await follow();
    expectSteps(4);
  }
});

it("files that something else has changed meanwhile are compared again", async () => {
  add(1, 3);
  await follow();
  writeFileSync(join(series, "metrics.jsonl"), "");
  add(4, 4);
  await follow();
  expectSteps(4);
});

it("a damaged line ends the series, and is reported once until the journal is another file", async () => {
  add(1, 6);
  const text = readFileSync(journal, "utf8").split("\n");
  text[3] = text[3].replace("0.001", "0.002");
  writeFileSync(journal, text.join("\n"));
  await follow();
  await follow();
  expectSteps(3);
  expect(damages.map(({ where }) => where)).toEqual([`${journal}:4`]);
  rewriteJournal(journal, lines(1, 8));
  await follow();
  expectSteps(8);
});

it("a number that is not finite is NaN in the events and in the lines", async () => {
  appendJournal(journal, { ...line(1), loss: NaN });
  await follow();
  expect(scalarsOf(events()).get("loss")![0].value).toBe(NaN);
  expect(metrics()[0].loss).toBe("NaN");
});
