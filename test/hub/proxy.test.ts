import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HubAccess, ProxySettings } from "../../src/hub/settings.js";
import { fetchFiles, openRepository } from "../../src/hub/cache/snapshot.js";
import { temporaryFolder } from "../temporary-folder.js";
import { startHub, type HubServer } from "./hub-server.js";
import { startProxy, type ProxyServer } from "./proxy-server.js";
import { bytes, commitOf } from "./served.js";

let hub: HubServer;
let proxy: ProxyServer;
let cacheFolder: string;
const files = { "config.json": Buffer.from("{}"), "model.safetensors": bytes(300_000, 1) };
const hostOf = (address: string) => new URL(address).host;

beforeEach(async () => {
  [hub, proxy] = [await startHub(), await startProxy()];
  hub.revisions.set("models/org/llama@main", { commit: commitOf("a"), files });
  cacheFolder = temporaryFolder();
});
afterEach(async () => {
  await proxy.close();
  await hub.close();
});

const through = (more: Partial<ProxySettings> = {}): ProxySettings => ({
  http: proxy.address,
  https: null,
  except: "",
  ...more,
});
const access = (proxies: ProxySettings, endpoint = hub.endpoint): HubAccess => ({
  settings: {
    endpoint,
    cacheFolder,
    token: "hf_secret",
    offline: false,
    proxies,
    retryPolicy: { retries: 2, firstWaitMilliseconds: 1, idleTimeoutMilliseconds: 60_000 },
  },
  signal: new AbortController().signal,
});

async function download(given: HubAccess): Promise<void> {
  const { folder } = await fetchFiles(
    await openRepository({ kind: "model", id: "org/llama", revision: "main" }, given),
    (paths) => paths,
    given,
  );
  for (const [path, content] of Object.entries(files))
    expect(readFileSync(join(folder, path)).equals(content), path).toBe(true);
}

async function messageOf(given: HubAccess): Promise<string> {
  const error = await download(given).then(() => "no error", String);
  return error.replaceAll(hub.endpoint, "HUB").replaceAll(hostOf(proxy.address), "PROXY");
}

const targets = () => [...new Set(proxy.tunnels.map(({ target }) => target))];

describe("a proxy", () => {
  test("carries all requests, also to hosts that only it can resolve, and sees none of their headers", async () => {
    proxy.known.set("hub.invalid:80", hostOf(hub.endpoint));
    await download(access(through(), "http://hub.invalid"));
    const storage = targets().find((target) => target !== "hub.invalid:80") as string;
    expect(targets()).toEqual(["hub.invalid:80", storage]);
    expect(new Set(proxy.tunnels.flatMap(({ headers }) => Object.keys(headers)))).toEqual(
      new Set(["host", "connection", "proxy-connection"]),
    );
    expect(new Set(hub.asked.map(({ host, authorization }) => `${host} ${authorization}`))).toEqual(
      new Set(["hub Bearer hf_secret", "storage null"]),
    );
  });

  test("whose tunnel is closed is used again for the rest", async () => {
    hub.fault = ({ host }) => (host === "storage" ? { cutAfter: 100_000 } : undefined);
    await download(access(through()));
    expect(hub.asked.some(({ range }) => range === "bytes=100000-")).toBe(true);
  });

  test("receives its user name and password, and no other server does", async () => {
    await download(access(through({ http: proxy.address.replace("//", "//me:p%40ss@") })));
    const given = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    expect(new Set(proxy.tunnels.map(({ headers }) => headers["proxy-authorization"]))).toEqual(new Set([given]));
  });

  test.each(["127.0.0.1", "other.example, 127.0.0.1", "*"])("is not used for hosts in %j", async (except) => {
    await download(access(through({ except })));
    expect(proxy.tunnels).toEqual([]);
  });

  test("is used for the other ports of a host if a port is excluded", async () => {
    await download(access(through({ except: hostOf(hub.endpoint) })));
    expect(targets()).not.toContain(hostOf(hub.endpoint));
    expect(targets()).toHaveLength(1);
  });
});

describe("a proxy that does not connect to the hub is an error, without its password", () => {
  const withPassword = () => through({ http: proxy.address.replace("//", "//me:secret@") });
  const kept = "Then run the same command again: downloaded data is kept. HF_HUB_OFFLINE=1 uses only the cache.";
  const check = "Check HTTPS_PROXY and HTTP_PROXY, and list hosts that need no proxy in NO_PROXY.";

  test.each([
    [
      407,
      "its response 407 Proxy Authentication Required",
      "Set your user name and password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT.",
      1,
    ],
    [403, "its response 403 Forbidden", check, 1],
    [502, "its response 502 Bad Gateway", check, 3],
    ["cut", "UND_ERR_SOCKET", check, 3],
  ] as const)("%s", async (refusal, got, hint, asked) => {
    proxy.refusal = refusal;
    expect(await messageOf(access(withPassword()))).toBe(
      `HubError: HUB — expected a connection to the hub through the proxy http://PROXY, got ${got}.\n  ${hint} ${kept}`,
    );
    expect(proxy.tunnels).toHaveLength(asked);
  });

  test("no server at the address", async () => {
    await proxy.close();
    expect(await messageOf(access(withPassword()))).toBe(
      "HubError: HUB — expected a connection to the hub through the proxy http://PROXY, got ECONNREFUSED.\n" +
        `  ${check} ${kept}`,
    );
  });

  test.each([
    ["http://me:100%secret@proxy:3128", "a malformed address"],
    ["http://me:secret@", "a malformed address"],
    ["socks5://me:secret@proxy:1080", "an address that starts with socks5://"],
  ])("%s is not a proxy address", async (http, got) => {
    expect(await messageOf(access(through({ http })))).toBe(
      "HubError: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY — expected the address of a proxy, such as " +
        "http://proxy.example:3128 or " +
        `http://NAME:PASSWORD@proxy.example:3128, got ${got}.\n` +
        "  Percent-encode special characters in the password: @ is %40, # is %23, % is %25.",
    );
  });
});
