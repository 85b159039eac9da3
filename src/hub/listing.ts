import { hubError, nameOf } from "./hub-errors.js";
import { apiUrl, isCommit, isInnerPath, type Repository } from "./repository.js";
import { request } from "./request.js";
import { withRetries } from "./retries.js";
import type { HubAccess } from "./settings.js";

export interface HubFile {
  /** In the repository, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** What the cache calls its content, and what is checked: the SHA-256 of large files, git's SHA-1 of a blob for small ones. */
  readonly digest: string;
  /** Git's name: of a large file, that of the pointer to it. */
  readonly blobId: string;
}

/** What a repository holds at a commit. */
export interface Listing {
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** Asks the hub for the commit of a revision and for its files. @throws StrataError if there is none, or no answer */
export async function fetchListing(repository: Repository, access: HubAccess): Promise<Listing> {
  const commit = isCommit(repository.revision) ? repository.revision : await fetchCommit(repository, access);
  const files: HubFile[] = [];
  let url: string | null = apiUrl({ ...repository, revision: commit }, access.settings, "tree");
  while (url !== null) {
    const { value, next } = await fetchJson(url, repository, access);
    if (!Array.isArray(value)) throw unreadable(url, "a list of files");
    for (const entry of value as unknown[]) {
      const file = parseEntry(entry, url);
      if (file !== null) files.push(file);
    }
    url = next;
  }
  return { commit, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function fetchCommit(repository: Repository, access: HubAccess): Promise<string> {
  const url = apiUrl(repository, access.settings, "revision");
  const { value } = await fetchJson(url, repository, access);
  const { sha } = (value ?? {}) as { sha?: unknown };
  if (typeof sha !== "string" || !isCommit(sha)) throw unreadable(url, `the commit of ${nameOf(repository)}`);
  return sha;
}

function fetchJson(url: string, repository: Repository, access: HubAccess): Promise<{ value: unknown; next: string | null }> {
  return withRetries(access.settings.patience, access.signal, async () => {
    const { response, pieces } = await request({ url, repository, path: null }, access);
    const parts: Uint8Array[] = [];
    for await (const piece of pieces()) parts.push(piece);
    try {
      return { value: JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown, next: nextPage(response.headers.get("link"), url) };
    } catch {
      throw unreadable(url, "JSON");
    }
  });
}

/** Of a Link header: `<https://…?cursor=…>; rel="next"`. */
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
  const isSound = typeof path === "string" && isInnerPath(path) && typeof bytes === "number" && typeof digest === "string" &&
    typeof oid === "string" && /^[0-9a-f]{40}$/.test(oid) && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(digest);
  if (!isSound) throw unreadable(url, "files with path, size and hash");
  return { path, bytes, digest, blobId: oid };
}

function unreadable(url: string, expected: string) {
  return hubError({
    where: url,
    expected,
    got: "something else",
    hint: "Check HF_ENDPOINT: is this the address of a Hugging Face hub, and does nothing stand between, such as a login page?",
  });
}
