import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startHub, type HubServer } from "../hub/hub-server.js";
import { startProxy, type ProxyServer } from "../hub/proxy-server.js";
import { commitOf } from "../hub/served.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
let missing: string | null = null;
try {
  const names = ["-subj", "/CN=hub.invalid", "-addext", "subjectAltName=DNS:hub.invalid"];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      ...names,
      "-keyout",
      key,
      "-out",
      certificate,
    ],
    { stdio: "pipe" },
  );
} catch {
  missing = "openssl is not installed";
}
const reason = missing === null ? "" : ` (skipped: ${missing})`;

let hub: HubServer;
let proxy: ProxyServer;
let secure: Server | null = null;
let home: string;

beforeAll(async () => {
  [hub, proxy] = [await startHub(), await startProxy()];
  hub.revisions.set("models/org/llama@main", { commit: commitOf("a"), files: { "config.json": Buffer.from("{}") } });
  proxy.known.set("hub.invalid:80", new URL(hub.endpoint).host);
  if (missing !== null) return;
  secure = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (client) => {
    const plain = connect(Number(new URL(hub.endpoint).port), "127.0.0.1");
    client
      .on("error", () => plain.destroy())
      .pipe(plain)
      .pipe(client);
  });
  await new Promise<void>((resolve) => secure?.listen(0, "127.0.0.1", resolve));
  proxy.known.set("hub.invalid:443", `127.0.0.1:${(secure.address() as AddressInfo).port}`);
});
afterAll(async () => {
  secure?.close();
  await proxy.close();
  await hub.close();
});
beforeEach(() => {
  home = temporaryFolder();
  proxy.tunnels.length = 0;
  proxy.refusal = null;
});

const download = (environment: Readonly<Record<string, string>>) =>
  strata(["download", "org/llama"], undefined, { HF_HOME: home, ...environment });
const arrived = () => ({ code: 0, out: `${join(home, "hub/models--org--llama/snapshots", commitOf("a"))}\n`, err: "" });
const withPassword = () => proxy.address.replace("//", "//me:secret@");

test("download uses the proxy of the environment, and reports its refusal", async () => {
  const environment = { HF_ENDPOINT: "http://hub.invalid", http_proxy: withPassword() };
  expect(await download(environment)).toEqual(arrived());
  expect(proxy.tunnels.map(({ target }) => target)).toContain("hub.invalid:80");
  proxy.refusal = 407;
  const { code, err } = await download(environment);
  expect([code, err.replace(proxy.address, "PROXY")]).toEqual([
    1,
    "HubError: http://hub.invalid — expected a connection to the hub through the proxy PROXY, got its " +
      "response 407 Proxy Authentication Required.\n" +
      "  Set your user name and password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT. Then run the " +
      "same command again: downloaded data is kept. " +
      "HF_HUB_OFFLINE=1 uses only the cache.\n",
  ]);
});

test.skipIf(missing !== null)(
  `TLS connections pass through a proxy, and NODE_EXTRA_CA_CERTS adds trusted certificates${reason}`,
  async () => {
    const environment = { HF_ENDPOINT: "https://hub.invalid", HTTPS_PROXY: withPassword() };
    expect(await download({ ...environment, NODE_EXTRA_CA_CERTS: certificate })).toEqual(arrived());
    expect(new Set(proxy.tunnels.map(({ target }) => target))).toEqual(new Set(["hub.invalid:443"]));
    const { code, err } = await download(environment);
    expect([code, err]).toEqual([
      1,
      "HubError: https://hub.invalid — expected a response from the hub, got DEPTH_ZERO_SELF_SIGNED_CERT.\n" +
        "  The server's certificate has no trusted root; it may come from your company's proxy or mirror. If you " +
        "trust it, set NODE_EXTRA_CA_CERTS to the file with the company's certificates, and run the same command " +
        "again: downloaded data is kept. HF_HUB_OFFLINE=1 uses only the cache.\n",
    ]);
  },
);
