import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readDataCard } from "../../src/hub/datasets/data-card.js";
import { splitsOf, type Splits } from "../../src/hub/datasets/data-files.js";
import { selectDataset, type DatasetPart } from "../../src/hub/datasets/select-dataset.js";
import { fetchSelection } from "../../src/hub/selection.js";
import type { HubAccess } from "../../src/hub/settings.js";
import { StrataError } from "../../src/errors/strata-error.js";
import { temporaryFolder } from "../temporary-folder.js";
import { startHub, type HubServer } from "./hub-server.js";
import { commitOf } from "./served.js";

interface Layout {
  name: string;
  files: string[];
  splits: Record<string, string[]>;
  data_files?: unknown;
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, "golden.json"), "utf8")) as {
  layouts: Layout[];
  patterns: Layout[];
};

describe("splits are those of the datasets library", () => {
  const sorted = (splits: Splits) =>
    Object.fromEntries([...splits].map(([split, files]) => [split, [...files].sort()]));
  const expected = ({ splits }: Layout) =>
    Object.fromEntries(Object.entries(splits).map(([split, files]) => [split, [...new Set(files)].sort()]));

  test.each(golden.layouts)("by names: $name", (layout) => {
    expect(sorted(splitsOf({ folder: "", splits: null }, layout.files))).toEqual(expected(layout));
  });

  test.each(golden.patterns)("by data_files: $name", (layout) => {
    const card = `---\nconfigs:\n- config_name: x\n  data_files: ${JSON.stringify(layout.data_files)}\n---\n# Card\n`;
    const [config] = readDataCard(card, "README.md");
    expect(sorted(splitsOf(config, layout.files))).toEqual(expected(layout));
  });
});

test("patterns are relative to data_dir, and files are ordered by name", () => {
  const [config] = readDataCard(
    "---\nconfigs:\n- config_name: x\n  data_dir: ./en/\n  default: true\n  data_files: '*.jsonl'\n---\n",
    "README.md",
  );
  expect(config).toMatchObject({ name: "x", isDefault: true, folder: "en" });
  expect([...splitsOf(config, ["de/a.jsonl", "en/b.jsonl", "en/c.jsonl"])]).toEqual([
    ["train", ["en/b.jsonl", "en/c.jsonl"]],
  ]);
});

test("a README without configs has no configurations; malformed configs are an error", () => {
  expect(readDataCard("# Card", "README.md")).toEqual([]);
  expect(readDataCard("---\nlicense: mit\n---\n", "README.md")).toEqual([]);
  expect(() => readDataCard("---\nconfigs: [\n---\n", "x README.md")).toThrow(
    "x README.md configs — expected YAML between the --- lines, got a parse error:",
  );
  expect(() => readDataCard("---\nconfigs:\n- data_files: 3\n---\n", "x README.md")).toThrow(
    "x README.md configs — expected file names or patterns in data_files, got a value of another type.\n" +
      "  List the files with `paths:` instead of `config` and `split`.",
  );
});

describe("a data set of the hub", () => {
  let hub: HubServer;
  let cacheFolder: string;
  let served = 0;
  const repository = { kind: "dataset", id: "org/data", revision: "main" } as const;
  const access = (offline = false): HubAccess => ({
    settings: {
      endpoint: hub.endpoint,
      cacheFolder,
      token: null,
      offline,
      proxies: null,
      retryPolicy: { retries: 1, firstWaitMilliseconds: 1, idleTimeoutMilliseconds: 60_000 },
    },
    signal: new AbortController().signal,
  });
  const serve = (paths: readonly string[], card: string | null = null, revision = "main") => {
    const files = Object.fromEntries(paths.map((path) => [path, Buffer.from(`{"text":"${path}"}\n`)]));
    const commit = commitOf("0123456789abcdef"[served++]);
    hub.revisions.set(`datasets/org/data@${revision}`, {
      commit,
      files: card === null ? files : { ...files, "README.md": Buffer.from(card) },
    });
  };
  const fetched = async (part: Partial<DatasetPart>, given = access()) => {
    const { folder, paths } = await fetchSelection(
      await selectDataset(repository, { config: null, split: "train", paths: null, ...part }, given),
      given,
    );
    expect(paths.map((path) => readFileSync(join(folder, path), "utf8"))).toEqual(
      paths.map((path) => `{"text":"${path}"}\n`),
    );
    return paths;
  };
  const message = async (part: Partial<DatasetPart>) => {
    try {
      await fetched(part);
    } catch (error) {
      expect(error).toBeInstanceOf(StrataError);
      return String(error).replaceAll(hub.endpoint, "HUB");
    }
    return "no error";
  };

  beforeAll(async () => {
    hub = await startHub();
  });
  afterAll(() => hub.close());
  beforeEach(() => {
    hub.revisions.clear();
    hub.asked.length = 0;
    cacheFolder = temporaryFolder();
    served = 0;
  });

  const arc = `---
configs:
- config_name: ARC-Challenge
  data_files:
  - split: train
    path: ARC-Challenge/train-*
  - split: test
    path: ARC-Challenge/test-*
- config_name: ARC-Easy
  data_files:
  - split: test
    path: ARC-Easy/test-*
---
`;
  const arcFiles = [
    "ARC-Challenge/train-0.jsonl",
    "ARC-Challenge/test-0.jsonl",
    "ARC-Challenge/test-1.jsonl",
    "ARC-Easy/test-0.jsonl",
  ];

  test("is a split of a configuration; only its files and the README are fetched", async () => {
    serve(arcFiles, arc);
    expect(await fetched({ config: "ARC-Challenge", split: "test" })).toEqual([
      "ARC-Challenge/test-0.jsonl",
      "ARC-Challenge/test-1.jsonl",
    ]);
    expect(
      hub.asked
        .filter(({ path }) => path.includes("resolve"))
        .map(({ path }) => path.split("/").at(-1))
        .sort(),
    ).toEqual(["README.md", "test-0.jsonl", "test-1.jsonl"]);
    hub.asked.length = 0;
    expect(await fetched({ config: "ARC-Challenge", split: "test" }, access(true))).toHaveLength(2);
    expect(hub.asked).toEqual([]);
  });

  test("with one configuration or a default one needs no config", async () => {
    serve(["a/train.jsonl"], "---\nconfigs:\n- config_name: only\n  data_files: a/*\n---\n");
    expect(await fetched({})).toEqual(["a/train.jsonl"]);
    serve(
      ["a/x.jsonl", "b/x.jsonl"],
      "---\nconfigs:\n- config_name: a\n  data_files: a/*\n- config_name: b\n  default: true\n  data_files: b/*\n---\n",
    );
    expect(await fetched({})).toEqual(["b/x.jsonl"]);
  });

  test("without configurations has splits by file names, and each folder is a configuration", async () => {
    serve(["main/train.jsonl", "main/test.jsonl", "other/train.jsonl"]);
    expect(await fetched({ config: "main", split: "test" })).toEqual(["main/test.jsonl"]);
    expect(await fetched({})).toEqual(["main/train.jsonl", "other/train.jsonl"]);
  });

  test("that is a loading script is read from the hub's conversion", async () => {
    serve(["data.py", "data/train.jsonl"]);
    serve(
      [
        "default/train/0000.parquet",
        "default/train/0001.parquet",
        "default/test/0000.parquet",
        "other/train/0000.parquet",
      ],
      null,
      "refs/convert/parquet",
    );
    expect(await fetched({})).toEqual(["default/train/0000.parquet", "default/train/0001.parquet"]);
    expect(await fetched({ config: "other" })).toEqual(["other/train/0000.parquet"]);
  });

  test("may be selected by file patterns, in their order", async () => {
    serve(arcFiles, arc);
    expect(await fetched({ paths: ["ARC-Easy/*", "ARC-Challenge/test-1.jsonl"] })).toEqual([
      "ARC-Easy/test-0.jsonl",
      "ARC-Challenge/test-1.jsonl",
    ]);
  });

  test("without the requested part is an error that lists what exists", async () => {
    serve(arcFiles, arc);
    const hint = (key: string) =>
      `Change \`${key}:\`, or list files with \`paths:\`. See HUB/datasets/org/data for the contents.`;
    expect(await message({})).toBe(
      "HubError: data set org/data@main — expected the name of a configuration, got only " +
        `ARC-Challenge, ARC-Easy.\n  ${hint("config")}`,
    );
    expect(await message({ config: "ARC" })).toBe(
      `HubError: data set org/data@main — expected a configuration "ARC", got only ARC-Challenge, ` +
        `ARC-Easy.\n  ${hint("config")}`,
    );
    expect(await message({ config: "ARC-Easy" })).toBe(
      `HubError: data set org/data@main — expected a split "train", got only test.\n  ${hint("split")}`,
    );
    expect(await message({ paths: ["*.parquet"] })).toBe(
      `HubError: data set org/data@main — expected files that match "*.parquet", got only ` +
        `${[...arcFiles].concat("README.md").sort().join(", ")}.\n  ${hint("paths")}`,
    );
    serve(["pictures.zip"]);
    expect(await message({})).toMatch(
      /^HubError: data set org\/data@refs\/convert\/parquet — expected a revision refs\/convert\/parquet, got no such revision/,
    );
  });
});
