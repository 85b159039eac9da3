import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Repository } from "../../src/hub/repository.js";
import type { HubAccess, HubSettings, HubWait } from "../../src/hub/settings.js";
import { fetchFiles, openRepository, type OpenRepository } from "../../src/hub/cache/snapshot.js";
import { StrataError } from "../../src/errors/strata-error.js";
import { temporaryFolder } from "../temporary-folder.js";
import { sha256, startHub, type HubServer } from "./hub-server.js";
import { bytes, commitOf, names } from "./served.js";

let hub: HubServer;
let settings: HubSettings;
const model: Repository = { kind: "model", id: "org/llama", revision: "main" };
const commit = commitOf("a");
const files = {
  "config.json": Buffer.from('{"a":1}\n'),
  "model.safetensors": bytes(300_000, 1),
  "sub/empty.txt": Buffer.alloc(0),
  "sub/same.bin": bytes(5000, 2),
  "sub/twice.bin": bytes(5000, 2),
};

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.asked.length = 0;
  hub.fault = () => undefined;
  hub.revisions.clear();
  hub.revisions.set("models/org/llama@main", { commit, files });
  settings = {
    endpoint: hub.endpoint,
    cacheFolder: join(temporaryFolder(), "hub"),
    token: null,
    offline: false,
    proxies: null,
    retryPolicy: { retries: 3, firstWaitMilliseconds: 1, idleTimeoutMilliseconds: 60_000 },
  };
});

const access = (more: Partial<HubAccess> = {}, other: Partial<HubSettings> = {}): HubAccess => ({
  settings: { ...settings, ...other },
  signal: new AbortController().signal,
  ...more,
});
const everything = (paths: readonly string[]) => paths;

async function download(repository = model, given = access(), choose = everything): Promise<OpenRepository> {
  return fetchFiles(await openRepository(repository, given), choose, given);
}

/** Expects the files of a snapshot to be byte-identical to those that the hub serves. */
function expectFiles({ folder }: OpenRepository, expected: Readonly<Record<string, Buffer>> = files): void {
  for (const [path, content] of Object.entries(expected))
    expect(readFileSync(join(folder, path)).equals(content), path).toBe(true);
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    expect(error).toBeInstanceOf(StrataError);
    return String(error).replaceAll(hub.endpoint, "HUB").replaceAll(settings.cacheFolder, "CACHE");
  }
  return "no error";
}

const asksOf = (host: string, path: string) => hub.asked.filter((one) => one.host === host && one.path.includes(path));
const partials = () => names(settings.cacheFolder).filter((name) => name.includes("incomplete"));

describe("a download", () => {
  test("gives every file under its name, in huggingface_hub's layout", async () => {
    const open = await download();
    expectFiles(open);
    const folder = join(settings.cacheFolder, "models--org--llama");
    expect(open).toMatchObject({ commit, folder: join(folder, "snapshots", commit), paths: Object.keys(files) });
    expect(readFileSync(join(folder, "refs/main"), "utf8")).toBe(commit);
    expect(readdirSync(join(folder, "blobs"))).toHaveLength(4);
    expect(lstatSync(join(open.folder, "sub/same.bin")).isSymbolicLink()).toBe(true);
    expect(readlinkSync(join(open.folder, "sub/same.bin"))).toMatch(/^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(readlinkSync(join(open.folder, "config.json"))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
    expect(partials()).toEqual([]);
  });

  test("of cached files requests only the revision, and nothing if the revision is a commit", async () => {
    await download();
    hub.asked.length = 0;
    await download();
    expect(hub.asked.map(({ path }) => path)).toEqual(["/api/models/org/llama/revision/main"]);
    hub.asked.length = 0;
    expectFiles(await download({ ...model, revision: commit }));
    expect(hub.asked).toEqual([]);
  });

  test("fetches equal content once, and an empty file without a request", async () => {
    await download();
    expect(hub.asked.filter(({ host }) => host === "storage")).toHaveLength(2);
    expect(asksOf("hub", "empty.txt")).toEqual([]);
  });

  test("counts bytes up to their sum", async () => {
    const seen: [number, number][] = [];
    await download(model, access({ onProgress: (done, total) => void seen.push([done, total]) }));
    const total = 300_000 + 5000 + 8;
    expect(seen.at(-1)).toEqual([total, total]);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b));
  });

  test("follows a revision of any name; a new commit gets a new snapshot, and the old one stays", async () => {
    hub.revisions.set("models/org/llama@refs/pr/1", {
      commit: commitOf("b"),
      files: { "config.json": Buffer.from("{}") },
    });
    const other = await download({ ...model, revision: "refs/pr/1" });
    expect(other.commit).toBe(commitOf("b"));
    const first = await download();
    hub.revisions.set("models/org/llama@main", {
      commit: commitOf("c"),
      files: { "config.json": Buffer.from("{}\n") },
    });
    const second = await download();
    expect(second.folder).not.toBe(first.folder);
    expectFiles(first);
  });
});

describe("a connection", () => {
  test("that is closed resumes from the last byte, without a limit while there is progress", async () => {
    hub.fault = ({ host }) => (host === "storage" ? { cutAfter: 30_000 } : undefined);
    expectFiles(await download());
    const asked = hub.asked.filter(({ host, range }) => host === "storage" && range !== null);
    expect(asked.length).toBeGreaterThanOrEqual(9);
    expect(asked[0]).toMatchObject({
      range: expect.stringMatching(/^bytes=[1-9]\d*-$/) as string,
      ifRange: expect.stringMatching(/^"storage-/) as string,
    });
  });

  test("that is idle for too long is closed and resumed", async () => {
    hub.fault = ({ host, before }) => (host === "storage" && before === 0 ? { silentAfter: 2000 } : undefined);
    const retryPolicy = { ...settings.retryPolicy, retries: 20, idleTimeoutMilliseconds: 300 };
    expectFiles(await download(model, access({}, { retryPolicy })));
  });

  test("without progress fails after the retries, and the next download resumes", async () => {
    hub.fault = ({ host, range }) => (host === "storage" ? { cutAfter: range === null ? 2000 : 0 } : undefined);
    expect(await messageOf(download(model, access(), () => ["model.safetensors"]))).toMatch(
      /^HubError: \S+ — expected a response from the hub, got a connection that was closed \(\w+\)\.\n {2}Check the network/,
    );
    expect(partials()).toHaveLength(1);
    hub.fault = () => undefined;
    hub.asked.length = 0;
    expectFiles(await download());
    expect(asksOf("storage", "").some(({ range }) => range === "bytes=2000-")).toBe(true);
    expect(partials()).toEqual([]);
  });

  test("that the user aborts keeps its partial file", async () => {
    const controller = new AbortController();
    hub.fault = ({ host }) => (host === "storage" ? { silentAfter: 4000 } : undefined);
    const onProgress = () => controller.abort(new Error("enough"));
    await expect(
      download(model, access({ signal: controller.signal, onProgress }), () => ["model.safetensors"]),
    ).rejects.toThrow("enough");
    expect(partials()).toHaveLength(1);
    hub.fault = () => undefined;
    hub.asked.length = 0;
    expectFiles(await download());
    expect(hub.asked.some(({ range }) => range !== null)).toBe(true);
  });
});

describe("a server", () => {
  test.each([429, 500, 503])("that is busy (%i) gets another request", async (status) => {
    hub.fault = ({ before }) => (before === 0 ? { status, headers: { "retry-after": "0" } } : undefined);
    expectFiles(await download());
  });

  test("that sends Retry-After is given that time", async () => {
    hub.fault = ({ path, before }) =>
      path.includes("revision") && before === 0 ? { status: 429, headers: { "retry-after": "1" } } : undefined;
    const started = Date.now();
    await openRepository(model, access());
    expect(Date.now() - started).toBeGreaterThanOrEqual(990);
  });

  test("that stays busy is an error", async () => {
    hub.fault = () => ({ status: 500 });
    expect(await messageOf(download())).toBe(
      "HubError: model org/llama@main — expected a successful response, got Internal Server Error (500).\n" +
        "  Run the same command again later: downloaded data is kept.",
    );
    expect(hub.asked).toHaveLength(4);
  });

  test("whose storage refuses is asked for a new storage URL", async () => {
    hub.fault = ({ host, before }) => (host === "storage" && before === 0 ? { status: 403 } : undefined);
    expectFiles(await download());
    hub.fault = ({ host }) => (host === "storage" ? { status: 403 } : undefined);
    settings = { ...settings, cacheFolder: temporaryFolder() };
    expect(
      (await messageOf(download(model, access(), () => ["model.safetensors"]))).replace(/127\.0\.0\.1:\d+/, "STORAGE"),
    ).toBe(
      `HubError: model org/llama@${commit} model.safetensors — expected the content from ` +
        "http://STORAGE, got Forbidden (403).\n" +
        "  Run the same command again later: downloaded data is kept. If the error persists, a proxy or a " +
        "firewall may block this address.",
    );
  });

  test("that ignores ranges restarts the file", async () => {
    hub.fault = ({ host, before }) =>
      host === "storage" ? (before === 0 ? { cutAfter: 2000 } : { ignoreRange: true }) : undefined;
    expectFiles(await download());
  });

  test("whose storage has another version after a closed connection restarts the file", async () => {
    hub.fault = ({ host, before }) =>
      host === "storage" && before === 0
        ? { cutAfter: 2000, body: bytes(300_000, 9), headers: { etag: '"storage-old"' } }
        : undefined;
    expectFiles(await download());
    expect(asksOf("storage", "").filter(({ ifRange }) => ifRange === '"storage-old"').length).toBeGreaterThan(0);
  });

  test("that changes a file between two requests gets a complete download of the new version", async () => {
    const changed = { ...files, "model.safetensors": bytes(200_000, 7) };
    hub.fault = ({ host, before }) => {
      if (host !== "storage" || before > 0) return undefined;
      hub.revisions.set("models/org/llama@main", { commit, files: changed });
      return { cutAfter: 1000, body: files["model.safetensors"] };
    };
    const choose = () => ["config.json", "model.safetensors"];
    expectFiles(await download(model, access(), choose), {
      "config.json": files["config.json"],
      "model.safetensors": changed["model.safetensors"],
    });
  });

  test.each([
    ["too many", bytes(300_010, 1)],
    ["too few", bytes(299_990, 1)],
    ["other", bytes(300_000, 3)],
  ])("that sends %s bytes once gets another request", async (_, body) => {
    hub.fault = ({ host, before }) => (host === "storage" && before === 0 ? { body } : undefined);
    expectFiles(await download(model, access(), () => ["model.safetensors"]), {
      "model.safetensors": files["model.safetensors"],
    });
  });

  test("that always sends different content is an error, and no file is created", async () => {
    hub.fault = ({ host }) => (host === "storage" ? { body: bytes(300_000, 3) } : undefined);
    expect(
      (await messageOf(download(model, access(), () => ["model.safetensors"]))).replace(/[0-9a-f]{64}/, "SHA"),
    ).toBe(
      `HubError: model org/llama@${commit} model.safetensors — expected 300000 bytes with the hash ` +
        "SHA, got different content.\n" +
        "  Run the same command again. If the error persists, a mirror (HF_ENDPOINT) or a proxy " +
        "alters the content.",
    );
    expect(existsSync(join(settings.cacheFolder, "models--org--llama/snapshots", commit, "model.safetensors"))).toBe(
      false,
    );
  });

  test("that redirects to another origin does not receive the token there", async () => {
    await download(model, access({}, { token: "hf_secret" }));
    expect(new Set(hub.asked.map(({ host, authorization }) => `${host} ${authorization}`))).toEqual(
      new Set(["hub Bearer hf_secret", "storage null"]),
    );
  });

  test("that lists paths outside the repository is an error", async () => {
    hub.revisions.set("models/org/llama@main", { commit, files: { "../../../evil": Buffer.from("x") } });
    expect(await messageOf(download())).toMatch(
      /^HubError: HUB\/api\/models\/org\/llama\/tree\/a{40}\S+ — expected files with path, size and hash, got a different response/,
    );
  });
});

test("a mirror that lists no sizes and hashes is asked for those of each file", async () => {
  hub.fault = ({ path }) => (path.includes("/tree/") ? { status: 404 } : undefined);
  expectFiles(await download());
  expect(hub.asked.filter(({ host }) => host === "storage")).toHaveLength(2);
  expectFiles(await download(model, access({}, { offline: true })));
  settings = { ...settings, cacheFolder: temporaryFolder() };
  hub.fault = ({ path }) =>
    path.includes("/tree/") ? { status: 404 } : path.includes("config") ? { headers: { etag: "none" } } : undefined;
  expect(await messageOf(openRepository(model, access()))).toBe(
    `HubError: model org/llama@${commit} config.json — expected its size and hash (X-Linked-Size, ` +
      "X-Linked-Etag or ETag), got a response without them.\n" +
      "  Check HF_ENDPOINT: it must be a Hugging Face hub, or a mirror that passes on these headers.",
  );
});

describe("two concurrent downloads", () => {
  test("fetch each file once, and both have all files", async () => {
    hub.fault = ({ host, before }) => (host === "storage" && before === 0 ? { cutAfter: 1000 } : undefined);
    const both = await Promise.all([download(), download()]);
    for (const one of both) expectFiles(one);
    expect(hub.asked.filter(({ host, range }) => host === "storage" && range === null)).toHaveLength(2);
    expect(partials()).toEqual([]);
  });

  test("wait while another machine, whose clock is late, writes a partial file, and report this", async () => {
    const blobs = join(settings.cacheFolder, "models--org--llama/blobs");
    await openRepository(model, access());
    mkdirSync(blobs, { recursive: true });
    const digest = sha256(files["model.safetensors"]);
    const left = join(blobs, `${digest}.elsewhere-0123abcd-1-7-00000000.incomplete`);
    writeFileSync(left, files["model.safetensors"].subarray(0, 70_000));
    const late = new Date(Date.now() - 120_000);
    utimesSync(left, late, late);
    const waits: HubWait[] = [];
    const onWait = (wait: HubWait) => {
      waits.push(wait);
      utimesSync(left, 0, 0);
    };
    expectFiles(await download(model, access({ onWait })));
    expect(waits).toEqual([
      { path: "model.safetensors", writer: { host: "elsewhere", scope: "0123abcd", pid: 1, started: 7 } },
    ]);
    expect(hub.asked.some(({ range }) => range === "bytes=70000-")).toBe(true);
  });

  test("a damaged partial file is discarded", async () => {
    const blobs = join(settings.cacheFolder, "models--org--llama/blobs");
    mkdirSync(blobs, { recursive: true });
    const digest = sha256(files["model.safetensors"]);
    writeFileSync(join(blobs, `${digest}.incomplete`), bytes(70_000, 5));
    utimesSync(join(blobs, `${digest}.incomplete`), 0, 0);
    expectFiles(await download());
    expect(partials()).toEqual([]);
  });
});

describe("offline", () => {
  test("a complete cache needs no request", async () => {
    await download();
    hub.asked.length = 0;
    const open = await download(model, access({}, { offline: true }));
    expectFiles(open);
    expect(hub.asked).toEqual([]);
  });

  test("missing files are an error", async () => {
    const offline = access({}, { offline: true });
    expect(await messageOf(download(model, offline))).toBe(
      "HubError: model org/llama@main — expected its files in the cache, because offline mode is on, " +
        "got no snapshot in CACHE/models--org--llama.\n" +
        "  Run once without --offline and without HF_HUB_OFFLINE.",
    );
    await download(model, access(), () => ["config.json"]);
    expect(await messageOf(download(model, offline))).toMatch(/got no model\.safetensors \(and 3 more\) in CACHE/);
    expectFiles(await download(model, offline, () => ["config.json"]), { "config.json": files["config.json"] });
  });
});

describe("errors say what to do", () => {
  const refused = (status: number, headers: Record<string, string>) => {
    hub.fault = () => ({ status, headers });
  };

  test("gated models", async () => {
    refused(403, { "x-error-code": "GatedRepo" });
    expect(await messageOf(download())).toBe(
      "HubError: model org/llama@main — expected permission to read this gated repository, got " +
        "access denied (403 GatedRepo).\n" +
        "  Open HUB/org/llama, log in and accept its conditions; then create a token on " +
        "HUB/settings/tokens and set HF_TOKEN (or run `hf auth login`).",
    );
    expect(await messageOf(download(model, access({}, { token: "t" })))).toBe(
      "HubError: model org/llama@main — expected permission to read this gated repository, got " +
        "access denied (403 GatedRepo).\n" +
        "  Open HUB/org/llama with your token's account and accept its conditions; the " +
        "authors may have to approve you. " +
        "A fine-grained token also needs permission to read gated repositories.",
    );
    expect(hub.asked).toHaveLength(2);
  });

  test("gated files of a repository that can be listed", async () => {
    hub.fault = ({ path }) =>
      path.includes("resolve") ? { status: 401, headers: { "x-error-code": "GatedRepo" } } : undefined;
    expect(await messageOf(download())).toMatch(
      /^HubError: model org\/llama@a{40} \S+ — expected permission to read this gated repository, got access denied \(401 GatedRepo\)/,
    );
  });

  test("repositories and revisions that do not exist", async () => {
    expect(await messageOf(download({ ...model, id: "org/none" }))).toBe(
      "HubError: model org/none@main — expected a model of that name, got none that you can access " +
        "(401 RepoNotFound).\n" +
        "  Check the name (a data set needs --dataset). A private repository needs a token: create one on " +
        "HUB/settings/tokens and set HF_TOKEN.",
    );
    expect(await messageOf(download({ ...model, revision: "v9" }))).toBe(
      "HubError: model org/llama@v9 — expected a revision v9, got no such revision (404 " +
        "RevisionNotFound).\n  See the branches on HUB/org/llama/tree/main.",
    );
  });

  test("tokens that the hub rejects", async () => {
    refused(401, { "x-error-message": "Invalid credentials in Authorization header" });
    expect(await messageOf(download(model, access({}, { token: "old" })))).toBe(
      "HubError: model org/llama@main — expected a valid token, got a token that the hub rejects (401).\n" +
        "  Create a new token on HUB/settings/tokens and set HF_TOKEN.",
    );
  });

  test("malformed tokens, without showing them", async () => {
    expect(await messageOf(download(model, access({}, { token: "hf_a secret" })))).toBe(
      "HubError: HF_TOKEN or the stored token — expected a token of the hub, such as hf_…, got " +
        "a token with spaces or other invalid characters.\n" +
        "  Copy the token again from your account settings.",
    );
    expect(hub.asked).toEqual([]);
  });

  test("files that are gone", async () => {
    hub.fault = ({ path }) =>
      path.includes("config") ? { status: 404, headers: { "x-error-code": "EntryNotFound" } } : undefined;
    expect(await messageOf(download(model, access(), () => ["config.json"]))).toBe(
      `HubError: model org/llama@${commit} config.json — expected a file of that name, got no such file (404 ` +
        `EntryNotFound).\n  See the files on HUB/org/llama/tree/${commit}.`,
    );
  });

  test("no network", async () => {
    const gone = await startHub();
    await gone.close();
    const message = await messageOf(openRepository(model, access({}, { endpoint: gone.endpoint })));
    expect(message.replace(gone.endpoint, "GONE")).toBe(
      "HubError: GONE — expected a response from the hub, got ECONNREFUSED.\n" +
        "  Check the network and HF_ENDPOINT, and run the same command again: downloaded data is " +
        "kept. HF_HUB_OFFLINE=1 uses only the cache.",
    );
  });

  test("a server that is not a hub", async () => {
    hub.revisions.set("models/org/llama@main", { commit: "not a commit", files });
    expect(await messageOf(download())).toBe(
      "HubError: HUB/api/models/org/llama/revision/main — expected the commit of model " +
        "org/llama@main, got a different response.\n" +
        "  Check that HF_ENDPOINT is a Hugging Face hub and that no proxy or login page responds " +
        "in its place.",
    );
  });

  test.each(["../etc", "a/b/c", "org/..", "org--x/y", ""])("%j is not a repository id", async (id) => {
    expect(await messageOf(openRepository({ ...model, id }, access()))).toMatch(
      /^HubError: hub repository — expected ORGANIZATION\/NAME/,
    );
  });
});
