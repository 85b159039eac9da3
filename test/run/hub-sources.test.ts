import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HubAccess, HubDownload } from "../../src/hub/settings.js";
import { loadRecipe, parseRecipe } from "../../src/recipe/load-recipe.js";
import { formatRecipe } from "../../src/recipe/format-recipe.js";
import { planRun } from "../../src/run/graph/run-graph.js";
import { startHub, type HubServer } from "../hub/hub-server.js";
import { commitOf } from "../hub/served.js";
import { memoryFolder } from "../temporary-folder.js";
import { strata } from "./strata.js";

let hub: HubServer;
const lines = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => {
    const sum = from + 2 * i;
    return `${JSON.stringify({ question: `What is ${from + i} and ${i}?`, answer: `It is ${sum}.\n#### ${sum}` })}\n`;
  }).join("");
const files = {
  "main/train-00000-of-00002.jsonl": Buffer.from(lines(60, 0)),
  "main/train-00001-of-00002.jsonl.gz": gzipSync(lines(60, 100)),
  "main/test-00000-of-00001.jsonl": Buffer.from(lines(20, 500)),
  "README.md": Buffer.from(
    "---\nconfigs:\n- config_name: main\n  data_files:\n  - {split: train, path: main/train-*}\n" +
      "  - {split: test, path: main/test-*}\n---\n",
  ),
};
const pico = join(import.meta.dirname, "../golden/pico-llama/untied");
const modelFiles = {
  "config.json": readFileSync(join(pico, "config.json")),
  "model.safetensors": readFileSync(join(pico, "model.safetensors")),
  "tokenizer.json": Buffer.from(
    JSON.stringify({ model: { type: "BPE", vocab: { l: 0, a: 1, la: 2, "<end>": 3 }, merges: ["l a"] } }),
  ),
  "tokenizer_config.json": Buffer.from(JSON.stringify({ eos_token: "<end>" })),
  "README.md": Buffer.from("# Model"),
  "original/consolidated.00.pth": Buffer.alloc(5000),
};

beforeAll(async () => {
  hub = await startHub();
  hub.revisions.set("datasets/openai/gsm8k@main", { commit: commitOf("d"), files });
  hub.revisions.set("models/org/pico@main", { commit: commitOf("a"), files: modelFiles });
});
afterAll(() => hub.close());

const access = (cacheFolder: string, offline = false): HubAccess => ({
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

const text = (data: string, test: string, start: string) => `
data:
  sums: ${data}
  sums-test: ${test}
${start}
training: { data: sums, sequenceLength: 32, batchSize: 4, amount: { steps: 8 } }
strategies: [vanilla]
evaluateAt: []
evaluation:
  - { name: answers, task: gsm8k, data: sums-test, split: all, limit: 2, fewShot: 1, fewShotData: sums, maxTokens: 4 }
machine: { threads: 1, parallel: 1 }
`;
/** In YAML. */
const prompt = JSON.stringify("Question: {question}\nAnswer:");
const random =
  "tokenizer: { train: { data: sums, vocabSize: 300 } }\n" +
  "model: { random: { layers: 2, hiddenSize: 16, attentionHeads: 2 } }";
const fromHub = text(
  "{ preset: gsm8k, lossOn: completions }",
  `{ hf: openai/gsm8k, config: main, split: test, prompt: ${prompt}, completion: ' {answer}' }`,
  random,
);

test(
  "sources of the hub give the same jobs as the same files here, and the pinned recipe the same " +
    "without the network",
  async () => {
    const folder = memoryFolder();
    for (const [path, content] of Object.entries({
      ...files,
      ...Object.fromEntries(Object.entries(modelFiles).map(([path, content]) => [`pico/${path}`, content])),
    })) {
      if (path.includes("README") || path.includes("original")) continue;
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const set = (name: string) => `{ files: ${folder}/main/${name}, prompt: ${prompt}, completion: ' {answer}' }`;
    const start = (at: string) => `model: { folder: '${at}' }`;
    const here = await planRun(parseRecipe(text(set("train-*"), set("test-*"), start(`${folder}/pico`)), "x.yaml"));
    const hubText = text("{ preset: gsm8k }", "{ preset: gsm8k, split: test }", start("hf:org/pico"));
    const cache = join(folder, "cache");
    const there = await planRun(parseRecipe(hubText, "x.yaml"), access(cache));
    expect(there.jobs.map(({ id }) => id)).toEqual(here.jobs.map(({ id }) => id));
    expect(hub.asked.filter(({ path }) => path.includes("consolidated"))).toEqual([]);

    expect(there.recipe.model).toEqual({ folder: `hf:org/pico@${commitOf("a")}` });
    expect(there.recipe.data["sums-test"]).toMatchObject({
      hf: "openai/gsm8k",
      split: "test",
      revision: commitOf("d"),
      paths: ["main/test-00000-of-00001.jsonl"],
    });
    const pinned = parseRecipe(formatRecipe(there.recipe), "runs/x/recipe.yaml");
    expect(pinned).toEqual(there.recipe);
    hub.revisions.set("datasets/openai/gsm8k@main", {
      commit: commitOf("e"),
      files: { ...files, "main/test-00000-of-00001.jsonl": Buffer.from(lines(20, 900)) },
    });
    const later = await planRun(parseRecipe(hubText, "x.yaml"), access(cache));
    expect(later.jobs.map(({ id }) => id)).not.toEqual(there.jobs.map(({ id }) => id));
    hub.revisions.set("datasets/openai/gsm8k@main", { commit: commitOf("d"), files });
    hub.asked.length = 0;
    for (const offline of [true, false]) {
      const again = await planRun(pinned, access(cache, offline));
      expect(again.jobs.map(({ id }) => id)).toEqual(there.jobs.map(({ id }) => id));
    }
    expect(hub.asked).toEqual([]);
  },
);

test(
  "a recipe of the hub runs, and its models are exported; " +
    "from its run's folder it is the same without the network",
  async () => {
    const folder = memoryFolder();
    const recipe = join(folder, "small.yaml");
    writeFileSync(recipe, fromHub);
    const runs = join(folder, "runs");
    const environment = { HF_HOME: folder, HF_ENDPOINT: hub.endpoint };
    const first = await strata(["run", recipe, "--runs", runs, "--quiet"], undefined, environment);
    expect(first).toEqual({ code: 0, out: "", err: "" });
    const written = await loadRecipe(join(runs, "small/recipe.yaml"), []);
    expect(written.data.sums).toMatchObject({
      hf: "openai/gsm8k",
      revision: commitOf("d"),
      paths: ["main/train-00000-of-00002.jsonl", "main/train-00001-of-00002.jsonl.gz"],
      lossOn: "completions",
    });
    const again = await strata(["run", join(runs, "small"), "--json"], undefined, {
      ...environment,
      HF_HUB_OFFLINE: "1",
      HF_ENDPOINT: "http://nowhere.invalid",
    });
    expect([again.code, again.err]).toEqual([0, ""]);
    const exported = await strata(
      ["export", "hf", recipe, "vanilla", join(folder, "vanilla"), "--runs", runs],
      undefined,
      environment,
    );
    expect(exported).toEqual({ code: 0, out: `vanilla of small: ${join(folder, "vanilla")}\n`, err: "" });
    const moved = join(memoryFolder(), "moved");
    cpSync(folder, moved, { recursive: true, verbatimSymlinks: true });
    const plan = await strata(["plan", join(moved, "runs/small"), "--json"], undefined, {
      HF_HOME: moved,
      HF_HUB_OFFLINE: "1",
    });
    expect((JSON.parse(plan.out) as { open: string[] }).open).toEqual([]);
  },
);

test("of a data set in several files, the first is checked before anything else is downloaded", async () => {
  const recipe = (data: string) =>
    parseRecipe(text(data, "{ preset: gsm8k, split: test }", "model: { folder: 'hf:org/pico' }"), "x.yaml");
  hub.asked.length = 0;
  const cache = memoryFolder();
  await expect(planRun(recipe("{ preset: gsm8k, field: text }"), access(cache))).rejects.toThrow(
    /main\/train-00000-of-00002\.jsonl:1 — expected the field "text", got the fields "question", "answer"\.\n/,
  );
  const fetched = () =>
    hub.asked.flatMap(({ path }) => (/\.(jsonl|gz|safetensors)/.test(path) ? [basename(path)] : []));
  expect([...new Set(fetched())]).toEqual(["train-00000-of-00002.jsonl"]);
  await planRun(recipe("{ preset: gsm8k }"), access(cache));
});

test("missing files of a recipe are reported by repository, once, before the first download", async () => {
  const told: (readonly HubDownload[])[] = [];
  const given = {
    ...access(memoryFolder()),
    onDownload: (downloads: readonly HubDownload[]) => {
      told.push(downloads);
      expect(hub.asked.filter(({ path }) => path.includes("/resolve/")).map(({ path }) => path)).toEqual([
        `/datasets/openai/gsm8k/resolve/${commitOf("d")}/README.md`,
      ]);
    },
  };
  const sizeOf = (content: Readonly<Record<string, Buffer>>, names: readonly string[]) =>
    names.reduce((sum, name) => sum + content[name].length, 0);
  const recipe = parseRecipe(
    text("{ preset: gsm8k }", "{ preset: gsm8k, split: test }", "model: { folder: 'hf:org/pico' }"),
    "x.yaml",
  );
  hub.asked.length = 0;
  await planRun(recipe, given);
  await planRun(recipe, given);
  expect(told).toEqual([
    [
      {
        name: "model org/pico@main",
        files: 4,
        bytes: sizeOf(modelFiles, ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]),
      },
      {
        name: "data set openai/gsm8k@main",
        files: 3,
        bytes: sizeOf(
          files,
          Object.keys(files).filter((name) => name !== "README.md"),
        ),
      },
    ],
  ]);
});

test("plan says what it will download; offline it says what is missing", async () => {
  const folder = memoryFolder();
  const recipe = join(folder, "small.yaml");
  writeFileSync(
    recipe,
    text("{ preset: gsm8k }", "{ preset: gsm8k, split: test }", "model: { folder: 'hf:org/pico' }"),
  );
  const environment = { HF_HOME: folder, HF_ENDPOINT: hub.endpoint };
  const plan = (more: Readonly<Record<string, string>> = {}) =>
    strata(["plan", recipe, "--json"], undefined, { ...environment, ...more });
  const missing = await plan({ HF_HUB_OFFLINE: "1" });
  expect(missing).toEqual({
    code: 1,
    out: "",
    err:
      "HubError: model org/pico@main — expected its files in the cache, because offline mode is on, " +
      `got no snapshot in ${join(folder, "hub/models--org--pico")}.\n` +
      "  Run once without --offline and without HF_HUB_OFFLINE.\n",
  });
  const { code, err } = await plan();
  expect([code, err]).toEqual([
    0,
    expect.stringMatching(
      /^to download: 7 files, 0\.\d MB\n {2}model org\/pico@main: 4 files, 0\.\d MB\n {2}data set openai\/gsm8k@main: 3 files, 0\.\d MB\n$/,
    ),
  ]);
  expect((await plan()).err).toBe("");
});

test("a tokenizer of the hub is that of its file here, and is pinned to its commit", async () => {
  const folder = memoryFolder();
  for (const name of ["tokenizer.json", "tokenizer_config.json"] as const)
    writeFileSync(join(folder, name), modelFiles[name]);
  const start = (file: string) =>
    `tokenizer: { file: '${file}' }\nmodel: { random: { layers: 2, hiddenSize: 16, attentionHeads: 2 } }`;
  const recipe = (file: string) =>
    parseRecipe(
      text("{ synthetic: problems, documents: 9 }", "{ synthetic: problems, documents: 9 }", start(file)),
      "x.yaml",
    );
  const here = await planRun(recipe(join(folder, "tokenizer.json")));
  const there = await planRun(recipe("hf:org/pico@main"), access(join(folder, "cache")));
  expect(there.jobs.map(({ id }) => id)).toEqual(here.jobs.map(({ id }) => id));
  expect(there.recipe.tokenizer).toEqual({ file: `hf:org/pico@${commitOf("a")}` });
});

test("without access to the hub a recipe that needs it is an error", async () => {
  await expect(planRun(parseRecipe(fromHub, "x.yaml"))).rejects.toThrow(
    "openai/gsm8k — expected access to the hub, where this source is, got none.\n" +
      "  Pass `hub`, or download the files and use their folder.",
  );
});

test("an interrupted download ends the run like any other interruption", async () => {
  const folder = memoryFolder();
  const recipe = join(folder, "small.yaml");
  writeFileSync(recipe, fromHub);
  hub.asked.length = 0;
  hub.fault = ({ host }) => (host === "storage" ? { silentAfter: 100 } : undefined);
  const { code, err } = await strata(
    ["run", recipe, "--runs", join(folder, "runs"), "--quiet"],
    (run) => {
      const timer = setInterval(() => {
        if (!hub.asked.some(({ host }) => host === "storage")) return;
        clearInterval(timer);
        setTimeout(() => run.kill("SIGINT"), 200);
      }, 20);
    },
    { HF_HOME: folder, HF_ENDPOINT: hub.endpoint },
  );
  hub.fault = () => undefined;
  expect([code, err]).toEqual([130, expect.stringContaining("Interrupted. Run the same command again")]);
});
