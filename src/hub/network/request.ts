import { hubError, isUntrusted, proxyRefusal, refusal, storageRefusal, unreachable } from "./hub-errors.js";
import { fetchThrough } from "./proxy.js";
import { ProxyFailure } from "./proxy-failure.js";
import type { Repository } from "../repository.js";
import { PassingFailure, retryAfter } from "./retries.js";
import type { HubAccess, HubSettings } from "../settings.js";

export interface HubRequest {
  readonly url: string;
  /** HEAD stops where the hub redirects to its storage: what it tells of the file stands there. */
  readonly method?: "GET" | "HEAD";
  /** For messages. */
  readonly repository: Repository;
  readonly path: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that the caller deals with. */
  readonly expected?: readonly number[];
}

export interface HubResponse {
  readonly response: Response;
  /** Of the last answer that came from the hub itself: a redirect to its storage, or the response. */
  readonly hubHeaders: Headers;
  /** The body, piece by piece. @throws PassingFailure if the connection is cut or silent */
  pieces(): AsyncIterable<Uint8Array>;
  /** Ends the connection. */
  close(): void;
}

const passingStatuses = [408, 429, 500, 502, 503, 504];
const redirects = [301, 302, 303, 307, 308];
const maxRedirects = 10;

/**
 * Asks once. The token is sent to the hub's own address only, not to where it redirects.
 *
 * @throws PassingFailure if it may go better the next time; StrataError if the hub refuses
 */
export async function request(asked: HubRequest, { settings, signal }: HubAccess): Promise<HubResponse> {
  const connection = openConnection(settings.patience.silenceMilliseconds, signal);
  try {
    const { response, hubHeaders } = await follow(asked, settings, connection.signal);
    connection.heard();
    const { status } = response;
    const isTold = asked.method === "HEAD" && redirects.includes(status);
    if (!response.ok && !isTold && !asked.expected?.includes(status)) throw failure(response, asked, settings);
    return {
      response,
      hubHeaders,
      pieces: () => pieces(response, asked.url, connection, settings),
      close: connection.close,
    };
  } catch (error) {
    connection.close();
    throw isNetworkError(error, connection.signal) ? networkFailure(asked.url, error, settings) : error;
  }
}

/** What a proxy forbids it will forbid the next time; other failures may pass. */
function networkFailure(url: string, error: unknown, settings: HubSettings): Error {
  const { cause } = error as Error;
  if (cause instanceof ProxyFailure) {
    const refused = proxyRefusal(url, cause);
    return cause.status === null || passingStatuses.includes(cause.status) ? new PassingFailure(refused) : refused;
  }
  const failed = unreachable(url, error, settings);
  return isUntrusted(error) ? failed : new PassingFailure(failed);
}

/** The storage's addresses are good for a while only: it is asked again by the hub's own, whatever it says. */
function failure(response: Response, { repository, path }: HubRequest, settings: HubSettings): Error {
  const { origin } = new URL(response.url);
  const wait = retryAfter(response.headers.get("retry-after"));
  if (origin !== new URL(settings.endpoint).origin)
    return new PassingFailure(storageRefusal(response, repository, path), wait);
  const error = refusal(response, repository, path, settings);
  return passingStatuses.includes(response.status) ? new PassingFailure(error, wait) : error;
}

async function follow(
  { url, method = "GET", headers }: HubRequest,
  { endpoint, token, proxies }: HubSettings,
  signal: AbortSignal,
) {
  const fetch = await fetchThrough(proxies);
  const hub = new URL(endpoint).origin;
  let at = new URL(url);
  let hubHeaders: Headers | null = null;
  for (let hops = 0; ; hops++) {
    const sent = new Headers({ "accept-encoding": "identity", ...headers });
    if (at.origin === hub && token !== null) sent.set("authorization", `Bearer ${sound(token)}`);
    const response = await fetch(at, { method, redirect: "manual", signal, headers: sent });
    if (at.origin === hub || hubHeaders === null) hubHeaders = response.headers;
    const target = response.headers.get("location");
    if (!redirects.includes(response.status) || target === null || hops === maxRedirects)
      return { response, hubHeaders };
    const next = new URL(target, at);
    if (method === "HEAD" && next.origin !== hub) return { response, hubHeaders };
    await response.body?.cancel();
    at = next;
  }
}

/** @throws StrataError for what no token can be; without its text, which is a secret */
function sound(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw hubError({
    where: "HF_TOKEN or the stored token",
    expected: "a token of the hub, such as hf_…",
    got: "spaces or other letters in it",
    hint: "Copy the token once more from the settings of your account.",
  });
}

interface Connection {
  readonly signal: AbortSignal;
  heard(): void;
  close(): void;
}

/** Ends when `signal` does, or after a silence. */
function openConnection(silenceMilliseconds: number, signal: AbortSignal): Connection {
  const controller = new AbortController();
  const end = () => controller.abort(signal.reason);
  const timer = setTimeout(
    () => controller.abort(new Error(`${silenceMilliseconds / 1000} s of silence`)),
    silenceMilliseconds,
  );
  if (signal.aborted) end();
  else signal.addEventListener("abort", end);
  return {
    signal: controller.signal,
    heard: () => void timer.refresh(),
    close() {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      controller.abort();
    },
  };
}

async function* pieces(
  { body }: Response,
  url: string,
  connection: Connection,
  settings: HubSettings,
): AsyncIterable<Uint8Array> {
  try {
    if (body === null) return;
    for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
      connection.heard();
      yield piece;
    }
  } catch (error) {
    throw isNetworkError(error, connection.signal) ? networkFailure(url, error, settings) : error;
  } finally {
    connection.close();
  }
}

/** What fetch throws for a network's failures, or a connection that was ended because it was silent. */
function isNetworkError(error: unknown, signal: AbortSignal): boolean {
  return error instanceof TypeError || (signal.aborted && error === signal.reason);
}
