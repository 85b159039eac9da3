import type { Dispatcher, Pool } from "undici";
import { hubError } from "./hub-errors.js";
import type { ProxySettings } from "../settings.js";
import { ProxyFailure } from "./proxy-failure.js";

/** The part of `fetch` that requests need. */
export type Fetch = (url: URL, options: RequestInit) => Promise<Response>;

/** One pool of connections for each settings: tunnels are used again. */
const pools = new WeakMap<ProxySettings, Promise<Fetch>>();

/** Node's own fetch, which knows no proxies, or one that asks through them. @throws StrataError for what is no proxy's address */
export function fetchThrough(proxies: ProxySettings | null): Promise<Fetch> {
  if (proxies === null) return Promise.resolve(fetch);
  const pool = pools.get(proxies) ?? openPool(proxies);
  pools.set(proxies, pool);
  return pool;
}

/**
 * Requests go through tunnels (CONNECT): a proxy is told hosts and ports, and no header that is for the hub. Empty texts keep
 * undici from reading the environment.
 */
async function openPool({ http, https, except }: ProxySettings): Promise<Fetch> {
  for (const text of [http, https]) if (text !== null) checkProxy(text);
  const { EnvHttpProxyAgent, Pool, fetch: fetchWith } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: http ?? "",
    httpsProxy: https ?? "",
    noProxy: except,
    clientFactory: (proxy, options) => tellingFailures(new Pool(proxy.origin, options), proxy),
  });
  const ask = fetchWith as unknown as (url: URL, options: object) => Promise<Response>;
  return (url, options) => ask(url, { ...options, dispatcher });
}

/** A pool of connections to a proxy, whose failures say that they are the proxy's. */
function tellingFailures(pool: Pool, proxy: URL): Pool {
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

/** The text may hold a password, and is not shown. */
function checkProxy(text: string): void {
  const address = parseAddress(text);
  if (address !== null && ["http:", "https:"].includes(address.protocol)) return;
  throw hubError({
    where: "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY",
    expected: "the address of a proxy, such as http://proxy.example:3128 or http://NAME:PASSWORD@proxy.example:3128",
    got: address === null ? "something else" : `one that begins with ${address.protocol}//`,
    hint: "Letters such as @, # and % in a password are written as %40, %23 and %25.",
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
