import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openTaskData } from "../../../src/evaluate/harness/data/task-data.js";
import type { HubAccess } from "../../../src/hub/settings.js";
import { fromJson } from "../../../src/text/jinja/from-json.js";
import { repr } from "../../../src/text/jinja/values/text.js";
import { startHub } from "../../hub/hub-server.js";
import { commitOf } from "../../hub/served.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { recordedDatasets } from "../golden.js";

const datasets = recordedDatasets<unknown>();
const parquet = (name: string) => readFileSync(join(import.meta.dirname, `../hub-columns/${name}.parquet`));

const hub = await startHub();
afterAll(() => hub.close());

const access: HubAccess = {
  settings: {
    endpoint: hub.endpoint,
    cacheFolder: temporaryFolder(),
    token: null,
    offline: false,
    proxies: null,
    retryPolicy: { retries: 1, firstWaitMilliseconds: 1, idleTimeoutMilliseconds: 60_000 },
  },
  signal: new AbortController().signal,
};

test.each([
  ["allenai/ai2_arc", "ARC-Easy", "arc", "test", "ARC-Easy/test-00000-of-00001.parquet"],
  ["Rowan/hellaswag", null, "hellaswag", "validation", "data/validation-00000-of-00001.parquet"],
  ["openai/gsm8k", "main", "gsm8k", "test", "main/test-00000-of-00001.parquet"],
])("the documents of %s %s are those of the hub's files", async (id, config, name, split, file) => {
  hub.revisions.set(`datasets/${id}@main`, { commit: commitOf("1"), files: { [file]: parquet(name) } });
  const source = { task: name, datasetPath: id, datasetName: config, datasetKwargs: null, path: null, hub: access };
  const { documents, places } = await openTaskData(source).read(split, "scored");
  expect(repr([...documents])).toBe(repr(fromJson(datasets[name][split])));
  expect(places[0]).toMatch(/00000-of-00001.parquet row 1$/);
  await expect(openTaskData(source).read("train", "examples")).rejects.toThrow(/a split "train"/);
});
