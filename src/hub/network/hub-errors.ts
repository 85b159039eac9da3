import { STATUS_CODES } from "node:http";
import { StrataError, type ErrorParts } from "../../errors/strata-error.js";
import type { ProxyFailure } from "./proxy-failure.js";
import { pageUrl, type Repository } from "../repository.js";
import type { HubSettings } from "../settings.js";

export function hubError(parts: ErrorParts, cause?: unknown): StrataError {
  return new StrataError("HubError", parts, { cause });
}

export function nameOf({ kind, id, revision }: Repository): string {
  return `${kind === "dataset" ? "data set" : "model"} ${id}@${revision}`;
}

/** The error for a refusal by the hub. @param path  of the requested file; null for the repository itself */
export function refusal(
  response: Response,
  repository: Repository,
  path: string | null,
  settings: HubSettings,
): StrataError {
  const code = response.headers.get("x-error-code");
  const { expected, got, hint } =
    missingParts(code, repository, settings) ?? deniedParts(response, code, repository, settings);
  return hubError({
    where: `${nameOf(repository)}${path === null ? "" : ` ${path}`}`,
    expected,
    got: `${got} (${response.status}${code === null ? "" : ` ${code}`})`,
    hint,
  });
}

type Refusal = Omit<ErrorParts, "where">;

/** For a revision or a file that does not exist; null for other refusals. */
function missingParts(code: string | null, repository: Repository, settings: HubSettings): Refusal | null {
  const { revision } = repository;
  const tree = `${pageUrl(repository, settings)}/tree`;
  if (code === "RevisionNotFound")
    return { expected: `a revision ${revision}`, got: "no such revision", hint: `See the branches on ${tree}/main.` };
  if (code === "EntryNotFound")
    return { expected: "a file of that name", got: "no such file", hint: `See the files on ${tree}/${revision}.` };
  return null;
}

function deniedParts(
  { status, statusText, headers }: Response,
  code: string | null,
  repository: Repository,
  settings: HubSettings,
): Refusal {
  const message = headers.get("x-error-message");
  const tokenPage = `${settings.endpoint}/settings/tokens`;
  if (code === "GatedRepo") {
    const expected = "permission to read this gated repository";
    return { expected, got: "access denied", hint: gatedHint(repository, settings) };
  }
  if (status === 401 && message === "Invalid credentials in Authorization header") {
    const hint = `Create a new token on ${tokenPage} and set HF_TOKEN.`;
    return { expected: "a valid token", got: "a token that the hub rejects", hint };
  }
  if (code === "RepoNotFound" || status === 401 || status === 404) {
    const noun = repository.kind === "dataset" ? "data set" : "model";
    return {
      expected: `a ${noun} of that name`,
      got: "none that you can access",
      hint: noAccessHint(repository, settings),
    };
  }
  const got = message ?? (statusText || "an error");
  if (status === 403)
    return { expected: "permission to read it", got, hint: `Check the permissions of your token on ${tokenPage}.` };
  return { expected: "a successful response", got, hint: "Run the same command again later: downloaded data is kept." };
}

function gatedHint(repository: Repository, settings: HubSettings): string {
  const page = pageUrl(repository, settings);
  return settings.token === null
    ? `Open ${page}, log in and accept its conditions; ` +
        `then create a token on ${settings.endpoint}/settings/tokens and set HF_TOKEN (or run \`hf auth login\`).`
    : `Open ${page} with your token's account and accept its conditions; the authors may have to approve you. ` +
        "A fine-grained token also needs permission to read gated repositories.";
}

function noAccessHint(repository: Repository, { endpoint, token }: HubSettings): string {
  const other = repository.kind === "model" ? "a data set needs --dataset" : "a model is not a data set";
  return token === null
    ? `Check the name (${other}). A private repository needs a token: ` +
        `create one on ${endpoint}/settings/tokens and set HF_TOKEN.`
    : `Check the name (${other}), and that your token's account may read it.`;
}

/** The error for a refusal by the storage that the hub redirects to. */
export function storageRefusal(response: Response, repository: Repository, path: string | null): StrataError {
  return hubError({
    where: `${nameOf(repository)} ${path ?? ""}`.trim(),
    expected: `the content from ${new URL(response.url).origin}`,
    got: `${response.statusText || "an error"} (${response.status})`,
    hint:
      "Run the same command again later: downloaded data is kept. " +
      "If the error persists, a proxy or a firewall may block this address.",
  });
}

/** The error for a missing or incomplete response. */
export function unreachable(url: string, error: unknown, { proxies }: HubSettings): StrataError {
  const got = reasonOf(error);
  const check = `Check the network${proxies === null ? "" : ", the proxy"} and HF_ENDPOINT`;
  return hubError(
    {
      where: new URL(url).origin,
      expected: "a response from the hub",
      got: ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(got) ? `a connection that was closed (${got})` : got,
      hint: `${isUntrusted(error) ? certificateHint : check}, and run the same command again: ${kept}`,
    },
    error,
  );
}

/** The error for a proxy that does not connect to the hub. */
export function proxyRefusal(url: string, failure: ProxyFailure): StrataError {
  const { proxy, status } = failure;
  const check =
    status === 407
      ? "Set your user name and password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT."
      : "Check HTTPS_PROXY and HTTP_PROXY, and list hosts that need no proxy in NO_PROXY.";
  return hubError(
    {
      where: new URL(url).origin,
      expected: `a connection to the hub through the proxy ${proxy}`,
      got: status === null ? reasonOf(failure) : `its response ${status} ${STATUS_CODES[status] ?? ""}`.trim(),
      hint: `${check} Then run the same command again: ${kept}`,
    },
    failure,
  );
}

/** Whether the certificate chain has no trusted root, by OpenSSL's error codes. A retry does not help. */
export function isUntrusted(error: unknown): boolean {
  return /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*(?:ISSUER|SIGNATURE).*)$/.test(
    reasonOf(error),
  );
}

const certificateHint =
  "The server's certificate has no trusted root; it may come from your company's proxy or mirror. " +
  "If you trust it, set NODE_EXTRA_CA_CERTS to the file with the company's certificates";
const kept = "downloaded data is kept. HF_HUB_OFFLINE=1 uses only the cache.";

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
