import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HubAccess } from "../../src/hub/settings.js";
import { selectSnapshot } from "../../src/hub/select-snapshot.js";
import { fetchSelection } from "../../src/hub/selection.js";
import { makeSmallDisk } from "../run/small-disk.js";
import { startHub, type HubServer } from "./hub-server.js";
import { bytes, commitOf, names } from "./served.js";

const disk = makeSmallDisk();
const reason = "reason" in disk ? ` (skipped: ${disk.reason})` : "";
let hub: HubServer;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(async () => {
  await hub.close();
  if ("remove" in disk) disk.remove();
});

it.skipIf("reason" in disk)(
  `a full disk ends a download with a clear error; with free space the download resumes${reason}`,
  async () => {
    if ("reason" in disk) return;
    const content = bytes(2_000_000, 1);
    hub.revisions.set("models/org/large@main", { commit: commitOf("a"), files: { "model.safetensors": content } });
    const access: HubAccess = {
      settings: {
        endpoint: hub.endpoint,
        cacheFolder: join(disk.folder, "hub"),
        token: null,
        offline: false,
        proxies: null,
        retryPolicy: { retries: 1, firstWaitMilliseconds: 1, idleTimeoutMilliseconds: 60_000 },
      },
      signal: new AbortController().signal,
    };
    const repository = { kind: "model", id: "org/large", revision: "main" } as const;
    const download = async () =>
      fetchSelection(await selectSnapshot(repository, { include: [], exclude: [] }, access), access);
    disk.resize(1_000_000);
    const error = await download().catch((thrown: unknown) => String(thrown));
    expect(error).toMatch(
      /^FileError: \S+\.incomplete — expected room to write the file, got a full disk \(ENOSPC\)\.\n {2}Free some space and run the same command again: finished work is kept\.$/,
    );
    expect(names(disk.folder).filter((name) => name.endsWith(".incomplete"))).toHaveLength(1);
    disk.resize(8_000_000);
    hub.asked.length = 0;
    const { folder } = await download();
    expect(readFileSync(join(folder, "model.safetensors")).equals(content)).toBe(true);
    expect(hub.asked.find(({ host }) => host === "storage")?.range).toMatch(/^bytes=[5-9]\d{5}-$/);
  },
);
