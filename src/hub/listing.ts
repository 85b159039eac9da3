import { forEachConcurrently } from "./network/for-each-concurrently.js";
import { hubError, nameOf, refusal } from "./network/hub-errors.js";
import { fetchMetadata } from "./file-metadata.js";
import { apiUrl, isCommit, isInnerPath, type Repository } from "./repository.js";
import { request } from "./network/request.js";
import { withRetries } from "./network/retries.js";
import type { HubAccess } from "./settings.js";
import type { HubFile } from "./hub-file.js";

/** All files of a repository at a commit. */
export interface Listing {
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** Resolves a revision to its current commit. @throws StrataError if it does not exist or the hub does not respond */
export async function fetchCommit(repository: Repository, access: HubAccess): Promise<string> {
  return isCommit(repository.revision) ? repository.revision : (await fetchRevision(repository, access)).commit;
}

/**
 * Lists the files of a commit. If a mirror's listing lacks sizes and hashes, they are requested file by file.
 *
 * @throws StrataError if the commit does not exist or the hub does not respond
 */
export async function fetchListing(repository: Repository, commit: string, access: HubAccess): Promise<Listing> {
  const pinned = { ...repository, revision: commit };
  const files = (await fetchTree(pinned, access)) ?? (await fetchFileByFile(pinned, access));
  return { commit, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function fetchRevision(repository: Repository, access: HubAccess): Promise<{ commit: string; paths: string[] }> {
  const url = apiUrl(repository, access.settings, "revision");
  const { sha, siblings = [] } = ((await fetchJson(url, repository, access))?.value ?? {}) as {
    sha?: unknown;
    siblings?: { rfilename?: unknown }[];
  };
  if (typeof sha !== "string" || !isCommit(sha)) throw unreadable(url, `the commit of ${nameOf(repository)}`);
  return { commit: sha, paths: siblings.map(({ rfilename }) => String(rfilename)) };
}

/** Null if this hub has no tree API. */
async function fetchTree(repository: Repository, access: HubAccess): Promise<HubFile[] | null> {
  const files: HubFile[] = [];
  let url: string | null = apiUrl(repository, access.settings, "tree");
  while (url !== null) {
    const page = await fetchJson(url, repository, access);
    if (page === null) return null;
    if (!Array.isArray(page.value)) throw unreadable(url, "a list of files");
    for (const entry of page.value as unknown[]) {
      const file = parseEntry(entry, url);
      if (file !== null) files.push(file);
    }
    url = page.next;
  }
  return files;
}

async function fetchFileByFile(repository: Repository, access: HubAccess): Promise<HubFile[]> {
  const { paths } = await fetchRevision(repository, access);
  if (!paths.every(isInnerPath)) throw unreadable(apiUrl(repository, access.settings, "revision"), "valid file names");
  const files: HubFile[] = [];
  await forEachConcurrently(paths, 4, access.signal, async (path, signal) => {
    files.push(await fetchMetadata(repository, path, { ...access, signal }));
  });
  return files;
}

/** Null for a 404 of the address itself; a missing repository or revision (a 404 with X-Error-Code) throws. */
function fetchJson(
  url: string,
  repository: Repository,
  access: HubAccess,
): Promise<{ value: unknown; next: string | null } | null> {
  return withRetries(access.settings.retryPolicy, access.signal, async () => {
    const { response, chunks, close } = await request({ url, repository, path: null, expected: [404] }, access);
    if (response.status === 404) {
      close();
      if (response.headers.has("x-error-code")) throw refusal(response, repository, null, access.settings);
      return null;
    }
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks()) parts.push(chunk);
    try {
      return {
        value: JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown,
        next: nextPage(response.headers.get("link"), url),
      };
    } catch {
      throw unreadable(url, "JSON");
    }
  });
}

/** The next page from a Link header: `<https://…?cursor=…>; rel="next"`. */
function nextPage(link: string | null, url: string): string | null {
  const next = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? "")?.[1];
  return next === undefined ? null : new URL(next, url).href;
}

function parseEntry(entry: unknown, url: string): HubFile | null {
  const { type, path, size, oid, lfs } = (entry ?? {}) as Record<string, unknown>;
  if (type === "directory") return null;
  const large = lfs as { oid?: unknown; size?: unknown } | null | undefined;
  const bytes = large?.size ?? size;
  const digest = large?.oid ?? oid;
  const isValid =
    typeof path === "string" &&
    isInnerPath(path) &&
    typeof bytes === "number" &&
    typeof digest === "string" &&
    typeof oid === "string" &&
    /^[0-9a-f]{40}$/.test(oid) &&
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(digest);
  if (!isValid) throw unreadable(url, "files with path, size and hash");
  return { path, bytes, digest, blobId: oid };
}

function unreadable(url: string, expected: string) {
  return hubError({
    where: url,
    expected,
    got: "a different response",
    hint: "Check that HF_ENDPOINT is a Hugging Face hub and that no proxy or login page responds in its place.",
  });
}
