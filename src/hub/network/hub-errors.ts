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

/** What the hub refuses, in words. @param path  of the file that was asked for; null for the repository itself */
export function refusal(
  response: Response,
  repository: Repository,
  path: string | null,
  settings: HubSettings,
): StrataError {
  const code = response.headers.get("x-error-code");
  const message = response.headers.get("x-error-message");
  const where = `${nameOf(repository)}${path === null ? "" : ` ${path}`}`;
  const status = `${response.status}${code === null ? "" : ` ${code}`}`;
  const refused = (expected: string, got: string, hint: string) =>
    hubError({ where, expected, got: `${got} (${status})`, hint });
  if (code === "GatedRepo")
    return refused("permission to read this gated repository", "a refusal", gatedHint(repository, settings));
  if (code === "RevisionNotFound") {
    return refused(
      `a revision ${repository.revision}`,
      "none of that name",
      `Look at the branches on ${pageUrl(repository, settings)}/tree/main.`,
    );
  }
  if (code === "EntryNotFound") {
    return refused(
      "a file of that name",
      "none",
      `Look at the files on ${pageUrl(repository, settings)}/tree/${repository.revision}.`,
    );
  }
  if (response.status === 401 && message === "Invalid credentials in Authorization header") {
    return refused(
      "a valid token",
      "one that the hub does not know",
      `Make a new one on ${settings.endpoint}/settings/tokens and set HF_TOKEN.`,
    );
  }
  if (code === "RepoNotFound" || response.status === 401 || response.status === 404) {
    return refused(
      `a ${repository.kind === "dataset" ? "data set" : "model"} of that name`,
      "none that you may see",
      unseenHint(repository, settings),
    );
  }
  const got = message ?? (response.statusText || "an error");
  if (response.status === 403)
    return refused(
      "permission to read it",
      got,
      `Check the permissions of your token on ${settings.endpoint}/settings/tokens.`,
    );
  return refused("an answer", got, "Run the same command again later: what has arrived is kept.");
}

function gatedHint(repository: Repository, settings: HubSettings): string {
  const page = pageUrl(repository, settings);
  const logIn = `make a token on ${settings.endpoint}/settings/tokens and set HF_TOKEN (or run \`hf auth login\`)`;
  return settings.token === null
    ? `Open ${page}, log in and agree to its conditions; then ${logIn}.`
    : `Open ${page} with the account of your token and agree to its conditions; the authors may take a while to let you in. ` +
        "A fine-grained token also needs the right to read gated repositories.";
}

function unseenHint(repository: Repository, { endpoint, token }: HubSettings): string {
  const other = repository.kind === "model" ? "a data set needs --dataset" : "a model is no data set";
  return token === null
    ? `Check the name (${other}). A private one needs a token: make it on ${endpoint}/settings/tokens and set HF_TOKEN.`
    : `Check the name (${other}), and that the account of your token may read it.`;
}

/** What the storage refuses that the hub has sent us to. */
export function storageRefusal(response: Response, repository: Repository, path: string | null): StrataError {
  return hubError({
    where: `${nameOf(repository)} ${path ?? ""}`.trim(),
    expected: `the content from ${new URL(response.url).origin}`,
    got: `${response.statusText || "an error"} (${response.status})`,
    hint: "Run the same command again later: what has arrived is kept. If it stays so, a proxy or a firewall may not let this address through.",
  });
}

/** No answer, or half of one. */
export function unreachable(url: string, error: unknown, { proxies }: HubSettings): StrataError {
  const got = reasonOf(error);
  return hubError(
    {
      where: new URL(url).origin,
      expected: "an answer from the hub",
      got: ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(got) ? `a connection that was cut (${got})` : got,
      hint: `${isUntrusted(error) ? certificateHint : `Check the network${proxies === null ? "" : ", the proxy"} and HF_ENDPOINT`}, and run the same command again: ${kept}`,
    },
    error,
  );
}

/** A proxy that gives no way to the hub. */
export function proxyRefusal(url: string, failure: ProxyFailure): StrataError {
  const { proxy, status } = failure;
  const check =
    status === 407
      ? "Give it your name and password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT."
      : "Check HTTPS_PROXY and HTTP_PROXY, and name hosts that need no proxy in NO_PROXY.";
  return hubError(
    {
      where: new URL(url).origin,
      expected: `a way to the hub through the proxy ${proxy}`,
      got: status === null ? reasonOf(failure) : `its answer ${status} ${STATUS_CODES[status] ?? ""}`.trim(),
      hint: `${check} Then run the same command again: ${kept}`,
    },
    failure,
  );
}

/** Whether a certificate leads to nobody who is known, as OpenSSL calls it: that will be so the next time too. */
export function isUntrusted(error: unknown): boolean {
  return /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*(?:ISSUER|SIGNATURE).*)$/.test(
    reasonOf(error),
  );
}

const certificateHint =
  "Who signed its certificate is not known here: a proxy or mirror of your company? " +
  "Then set NODE_EXTRA_CA_CERTS to the file of the company's certificates";
const kept = "what has arrived is kept. HF_HUB_OFFLINE=1 takes what the cache has.";

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
