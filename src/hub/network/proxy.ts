import type { Dispatcher, Pool } from "undici";
import { hubError } from "./hub-errors.js";
import type { ProxySettings } from "../settings.js";
import { ProxyFailure } from "./proxy-failure.js";

/** The subset of `fetch` that requests use. */
export type Fetch = (url: URL, options: RequestInit) => Promise<Response>;

/** One connection pool per settings object, so that tunnels are reused. */
const pools = new WeakMap<ProxySettings, Promise<Fetch>>();

/** Node's `fetch`, or one that uses the proxies. @throws StrataError for a malformed proxy address */
export function fetchThrough(proxies: ProxySettings | null): Promise<Fetch> {
  if (proxies === null) return Promise.resolve(fetch);
  const pool = pools.get(proxies) ?? openPool(proxies);
  pools.set(proxies, pool);
  return pool;
}

/**
 * Requests use tunnels (CONNECT): a proxy sees hosts and ports, but no header meant for the hub. Empty strings keep
 * undici from reading the environment.
 */
async function openPool({ http, https, except }: ProxySettings): Promise<Fetch> {
  for (const text of [http, https]) if (text !== null) checkProxy(text);
  const { EnvHttpProxyAgent, Pool, fetch: fetchWith } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: http ?? "",
    httpsProxy: https ?? "",
    noProxy: except,
    clientFactory: (proxy, options) => reportingFailures(new Pool(proxy.origin, options), proxy),
  });
  const ask = fetchWith as unknown as (url: URL, options: object) => Promise<Response>;
  return (url, options) => ask(url, { ...options, dispatcher });
}

/** Wraps a pool of connections to a proxy: its failures become ProxyFailure. */
function reportingFailures(pool: Pool, proxy: URL): Pool {
  const connect = pool.connect.bind(pool) as (asked: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>;
  return Object.assign(pool, {
    async connect(asked: Dispatcher.ConnectOptions) {
      const answer = await connect(asked).catch((error: unknown) => {
        throw new ProxyFailure(proxy, null, error);
      });
      if (answer.statusCode === 200) return answer;
      answer.socket.destroy();
      throw new ProxyFailure(proxy, answer.statusCode);
    },
  });
}

/** The error does not show the address, which may contain a password. */
function checkProxy(text: string): void {
  const address = parseAddress(text);
  if (address !== null && ["http:", "https:"].includes(address.protocol)) return;
  throw hubError({
    where: "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY",
    expected: "the address of a proxy, such as http://proxy.example:3128 or http://NAME:PASSWORD@proxy.example:3128",
    got: address === null ? "a malformed address" : `an address that starts with ${address.protocol}//`,
    hint: "Percent-encode special characters in the password: @ is %40, # is %23, % is %25.",
  });
}

function parseAddress(text: string): URL | null {
  try {
    const address = new URL(text);
    decodeURIComponent(`${address.username}:${address.password}`);
    return address;
  } catch {
    return null;
  }
}
