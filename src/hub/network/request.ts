import { hubError, isUntrusted, proxyRefusal, refusal, storageRefusal, unreachable } from "./hub-errors.js";
import { fetchThrough } from "./proxy.js";
import { ProxyFailure } from "./proxy-failure.js";
import type { Repository } from "../repository.js";
import { TransientError, retryAfter } from "./retries.js";
import type { HubAccess, HubSettings } from "../settings.js";

export interface HubRequest {
  readonly url: string;
  /** HEAD does not follow the hub's redirect to its storage: the redirect's headers describe the file. */
  readonly method?: "GET" | "HEAD";
  /** For error messages. */
  readonly repository: Repository;
  readonly path: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Error statuses that the caller handles. */
  readonly expected?: readonly number[];
}

export interface HubResponse {
  readonly response: Response;
  /** Headers of the last response from the hub itself: a redirect to its storage, or `response`. */
  readonly hubHeaders: Headers;
  /** The body. @throws TransientError if the connection is closed early or idle for too long */
  chunks(): AsyncIterable<Uint8Array>;
  close(): void;
}

const transientStatuses = [408, 429, 500, 502, 503, 504];
const redirects = [301, 302, 303, 307, 308];
const maxRedirects = 10;

/**
 * Sends one request and follows redirects. Only the hub's own origin receives the token.
 *
 * @throws TransientError if a retry may succeed; StrataError if the hub refuses
 */
export async function request(asked: HubRequest, { settings, signal }: HubAccess): Promise<HubResponse> {
  const connection = openConnection(settings.retryPolicy.idleTimeoutMilliseconds, signal);
  try {
    const { response, hubHeaders } = await follow(asked, settings, connection.signal);
    connection.resetTimeout();
    const { status } = response;
    const isRedirectedHead = asked.method === "HEAD" && redirects.includes(status);
    if (!response.ok && !isRedirectedHead && !asked.expected?.includes(status))
      throw failure(response, asked, settings);
    return {
      response,
      hubHeaders,
      chunks: () => chunks(response, asked.url, connection, settings),
      close: connection.close,
    };
  } catch (error) {
    connection.close();
    throw isNetworkError(error, connection.signal) ? networkFailure(asked.url, error, settings) : error;
  }
}

/** Transient, except for a proxy's refusal and an untrusted certificate. */
function networkFailure(url: string, error: unknown, settings: HubSettings): Error {
  const { cause } = error as Error;
  if (cause instanceof ProxyFailure) {
    const refused = proxyRefusal(url, cause);
    return cause.status === null || transientStatuses.includes(cause.status) ? new TransientError(refused) : refused;
  }
  const failed = unreachable(url, error, settings);
  return isUntrusted(error) ? failed : new TransientError(failed);
}

/** Any refusal by the storage is transient: its signed URLs expire, and a retry gets a new one from the hub. */
function failure(response: Response, { repository, path }: HubRequest, settings: HubSettings): Error {
  const { origin } = new URL(response.url);
  const wait = retryAfter(response.headers.get("retry-after"));
  if (origin !== new URL(settings.endpoint).origin)
    return new TransientError(storageRefusal(response, repository, path), wait);
  const error = refusal(response, repository, path, settings);
  return transientStatuses.includes(response.status) ? new TransientError(error, wait) : error;
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
    if (at.origin === hub && token !== null) sent.set("authorization", `Bearer ${checkedToken(token)}`);
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

/** @throws StrataError for a malformed token; the message does not show it */
function checkedToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw hubError({
    where: "HF_TOKEN or the stored token",
    expected: "a token of the hub, such as hf_…",
    got: "a token with spaces or other invalid characters",
    hint: "Copy the token again from your account settings.",
  });
}

interface Connection {
  readonly signal: AbortSignal;
  resetTimeout(): void;
  close(): void;
}

/** Aborts when `signal` does, or after the idle timeout. */
function openConnection(idleTimeoutMilliseconds: number, signal: AbortSignal): Connection {
  const controller = new AbortController();
  const end = () => controller.abort(signal.reason);
  const timer = setTimeout(
    () => controller.abort(new Error(`no data for ${idleTimeoutMilliseconds / 1000} s`)),
    idleTimeoutMilliseconds,
  );
  if (signal.aborted) end();
  else signal.addEventListener("abort", end);
  return {
    signal: controller.signal,
    resetTimeout: () => void timer.refresh(),
    close() {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      controller.abort();
    },
  };
}

async function* chunks(
  { body }: Response,
  url: string,
  connection: Connection,
  settings: HubSettings,
): AsyncIterable<Uint8Array> {
  try {
    if (body === null) return;
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      connection.resetTimeout();
      yield chunk;
    }
  } catch (error) {
    throw isNetworkError(error, connection.signal) ? networkFailure(url, error, settings) : error;
  } finally {
    connection.close();
  }
}

/** `fetch` throws a TypeError for network failures; the idle timeout throws the signal's reason. */
function isNetworkError(error: unknown, signal: AbortSignal): boolean {
  return error instanceof TypeError || (signal.aborted && error === signal.reason);
}
