import { expect, it } from "vitest";
import { compareOutputs, renamedKeys } from "../../scripts/compare/compare-outputs.mjs";

const job = (title: string, outputs: Record<string, string>) => ({
  title,
  outputs: Object.fromEntries(
    Object.entries(outputs).map(([path, text]) => [path, { sha256: `hash of ${text}`, json: text }]),
  ),
});

it("jobs are paired by their bytes, whatever their titles and the names of their files", () => {
  const before = [job("a", { "x.json": "1" }), job("b", { "y.json": "2", "z.json": "3" })];
  const after = [job("renamed", { "other.json": "2", "z.json": "3" }), job("a", { "x.json": "1" })];
  expect(compareOutputs(before, after)).toEqual({ equal: 2, lines: [], onlyRenamed: false });
});

it("a file that differs, is new or is gone is named with its job", () => {
  const before = [job("train", { "a.json": "[1]", "b.json": "[2]" })];
  const after = [job("train", { "a.json": "[7]", "c.json": "[2]" })];
  expect(compareOutputs(before, after)).toEqual({
    equal: 0,
    lines: ["train: a.json differs", "train: b.json is gone", "train: c.json is new"],
    onlyRenamed: false,
  });
});

it("a job that only one commit has is named", () => {
  expect(compareOutputs([job("old", { "a.bin": "1" })], [job("new", { "b.bin": "2" })]).lines).toEqual([
    "new: only in this commit",
    "old: only in the other commit",
  ]);
});

it("one of two jobs with the same outputs cannot hide that the other is missing", () => {
  const twice = [job("a", { x: "1" }), job("b", { x: "1" })];
  expect(compareOutputs(twice, twice.slice(0, 1))).toEqual({
    equal: 1,
    lines: ["b: only in the other commit"],
    onlyRenamed: false,
  });
});

it("renamed keys are told from changed values", () => {
  expect(renamedKeys('{"a": {"b": [1, 2]}}', '{"a": {"c": [1, 2]}}')).toEqual(["b → c"]);
  expect(renamedKeys('{"a": 1}\n{"a": 2}\n', '{"x": 1}\n{"x": 2}\n')).toEqual(["a → x"]);
  expect(renamedKeys('{"a": 1}', '{"b": 2}')).toBe(null);
  expect(renamedKeys('{"a": 1, "b": 2}', '{"a": 1}')).toBe(null);
});

it("files in which only keys were renamed are reported, and told from files that differ", () => {
  const before = [job("cut", { "manifest.json": '{"a": 1}' })];
  expect(compareOutputs(before, [job("cut", { "manifest.json": '{"b": 1}' })])).toEqual({
    equal: 0,
    lines: ["cut: manifest.json has equal values, renamed keys: a → b"],
    onlyRenamed: true,
  });
  expect(compareOutputs(before, [job("cut", { "manifest.json": '{"b": 2}' })]).onlyRenamed).toBe(false);
});
