import { expect, test } from "vitest";
import { matchesAny, matchesGlob } from "../../src/hub/patterns.js";

const paths = ["README.md", "a.json", "b1.json", "data/train-1.json", "data/deep/x.json", "we[i]rd.json", "a+b.json"];
const matching = (matches: (path: string) => boolean) => paths.filter(matches);

// The results of huggingface_hub.utils.filter_repo_objects with allow_patterns.
test.each([
  ["*.json", ["a.json", "b1.json", "data/train-1.json", "data/deep/x.json", "we[i]rd.json", "a+b.json"]],
  ["data/*", ["data/train-1.json", "data/deep/x.json"]],
  ["data/", ["data/train-1.json", "data/deep/x.json"]],
  ["data", []],
  ["?[0-9].json", ["b1.json"]],
  ["[!a]*.json", ["b1.json", "data/train-1.json", "data/deep/x.json", "we[i]rd.json"]],
  ["we[[]i]rd.json", ["we[i]rd.json"]],
  ["a+b.json", ["a+b.json"]],
])("allow and ignore pattern %j", (pattern, expected) =>
  expect(matching((path) => matchesAny(path, [pattern]))).toEqual(expected),
);

test.each([
  ["*.json", ["a.json", "b1.json", "we[i]rd.json", "a+b.json"]],
  ["data/*", ["data/train-1.json"]],
  ["data/**", ["data/train-1.json", "data/deep/x.json"]],
  ["**/*.json", ["a.json", "b1.json", "data/train-1.json", "data/deep/x.json", "we[i]rd.json", "a+b.json"]],
  ["data/**/x.json", ["data/deep/x.json"]],
  ["./data/train-[0-9].json", ["data/train-1.json"]],
  ["**", paths],
])("data files %j", (pattern, expected) => expect(matching((path) => matchesGlob(path, pattern))).toEqual(expected));
