import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HubAccess } from "../../src/hub/settings.js";
import { fetchFiles, openRepository } from "../../src/hub/cache/snapshot.js";
import { markMissing } from "../../src/hub/cache/cache.js";
import { cacheFolderOf } from "../../src/hub/repository.js";
import { temporaryFolder } from "../temporary-folder.js";
import { startHub, type HubServer } from "./hub-server.js";
import { bytes, commitOf, names } from "./served.js";

const model = { kind: "model", id: "org/llama", revision: "main" } as const;
const dataset = { kind: "dataset", id: "org/data", revision: "main" } as const;
const files = {
  "config.json": Buffer.from("{}"),
  "model.safetensors": bytes(40_000, 1),
  "data/train.jsonl": bytes(30_000, 2),
  "b/empty": Buffer.alloc(0),
};
let hub: HubServer;
let missing: string | null = null;
try {
  execFileSync("python3", ["-c", "from huggingface_hub.errors import IncompleteSnapshotError"], { stdio: "pipe" });
} catch {
  missing = "needs python3 with a huggingface_hub that caches listings (2.4)";
}
const reason = missing === null ? "" : ` (skipped: ${missing})`;

beforeAll(async () => {
  hub = await startHub();
  hub.revisions.set("models/org/llama@main", { commit: commitOf("a"), files });
  hub.revisions.set("datasets/org/data@main", { commit: commitOf("d"), files });
});
afterAll(() => hub.close());

const access = (cacheFolder: string, offline: boolean): HubAccess => ({
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

async function python(cacheFolder: string, program: string): Promise<unknown> {
  const environment = {
    ...process.env,
    HF_HUB_CACHE: cacheFolder,
    HF_ENDPOINT: hub.endpoint,
    HF_HUB_DISABLE_PROGRESS_BARS: "1",
    HF_HUB_OFFLINE: "",
  };
  const { stdout } = await promisify(execFile)(
    "python3",
    ["-c", `import json\nfrom huggingface_hub import *\n${program}`],
    { env: environment },
  );
  return JSON.parse(stdout);
}

test.skipIf(missing !== null)(
  `huggingface_hub finds Strata's downloads, and knows which files do not exist${reason}`,
  async () => {
    const cache = join(temporaryFolder(), "hub");
    for (const repository of [model, dataset]) {
      const given = access(cache, false);
      await fetchFiles(await openRepository(repository, given), (paths) => paths, given);
    }
    markMissing(cacheFolderOf(model, access(cache, true).settings), commitOf("a"), "generation_config.json");
    expect(
      await python(
        cache,
        `
from huggingface_hub import _CACHED_NO_EXIST
cached = scan_cache_dir()
print(json.dumps({
  "model": snapshot_download("org/llama", local_files_only=True),
  "data": snapshot_download("org/data", repo_type="dataset", local_files_only=True),
  "file": try_to_load_from_cache("org/llama", "model.safetensors"),
  "none": try_to_load_from_cache("org/llama", "generation_config.json") is _CACHED_NO_EXIST,
  "unknown": try_to_load_from_cache("org/llama", "other"),
  "scanned": [sorted((repo.repo_id, repo.repo_type, repo.size_on_disk) for repo in cached.repos), len(cached.warnings)],
}))`,
      ),
    ).toEqual({
      model: join(cache, "models--org--llama/snapshots", commitOf("a")),
      data: join(cache, "datasets--org--data/snapshots", commitOf("d")),
      file: join(cache, "models--org--llama/snapshots", commitOf("a"), "model.safetensors"),
      none: true,
      unknown: null,
      scanned: [
        [
          ["org/data", "dataset", 70_002],
          ["org/llama", "model", 70_002],
        ],
        0,
      ],
    });
  },
);

test.skipIf(missing !== null)(`huggingface_hub recognizes an incomplete snapshot${reason}`, async () => {
  const cache = join(temporaryFolder(), "hub");
  const given = access(cache, false);
  await fetchFiles(await openRepository(model, given), () => ["config.json"], given);
  expect(
    await python(
      cache,
      `
try:
  snapshot_download("org/llama", local_files_only=True)
except Exception as error:
  print(json.dumps(type(error).__name__))`,
    ),
  ).toBe("IncompleteSnapshotError");
});

test.skipIf(missing !== null)(
  `Strata finds huggingface_hub's downloads; both caches have the same paths${reason}`,
  async () => {
    const theirs = join(temporaryFolder(), "hub");
    await python(theirs, `print(json.dumps(snapshot_download("org/llama")))`);
    hub.asked.length = 0;
    const offline = access(theirs, true);
    const { folder } = await fetchFiles(await openRepository(model, offline), (paths) => paths, offline);
    for (const [path, content] of Object.entries(files))
      expect(readFileSync(join(folder, path)).equals(content)).toBe(true);
    expect(hub.asked).toEqual([]);

    const ours = join(temporaryFolder(), "hub");
    const online = access(ours, false);
    await fetchFiles(await openRepository(model, online), (paths) => paths, online);
    const contents = (cache: string) => names(join(cache, "models--org--llama"));
    expect(contents(ours)).toEqual(contents(theirs));
  },
);
