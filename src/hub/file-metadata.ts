import { hubError, nameOf } from "./network/hub-errors.js";
import type { HubFile } from "./hub-file.js";
import { fileUrl, type Repository } from "./repository.js";
import { request } from "./network/request.js";
import { withRetries } from "./network/retries.js";
import type { HubAccess } from "./settings.js";

/** The digest of a file's content from the hub's own headers (X-Linked-Etag or ETag); null if they hold none. */
export function digestOf(headers: Headers): string | null {
  const etag = headers.get("x-linked-etag") ?? headers.get("etag");
  return /^(?:W\/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?$/.exec(etag ?? "")?.[1] ?? null;
}

/** Requests a file's size and digest with HEAD. @throws StrataError if the response lacks them */
export function fetchMetadata(repository: Repository, path: string, access: HubAccess): Promise<HubFile> {
  const url = fileUrl(repository, path, access.settings);
  return withRetries(access.settings.retryPolicy, access.signal, async () => {
    const { response, hubHeaders, close } = await request({ url, method: "HEAD", repository, path }, access);
    close();
    const digest = digestOf(hubHeaders);
    const bytes = hubHeaders.get("x-linked-size") ?? (response.ok ? response.headers.get("content-length") : null);
    if (digest !== null && bytes !== null && /^\d+$/.test(bytes))
      return { path, bytes: Number(bytes), digest, blobId: digest };
    throw hubError({
      where: `${nameOf(repository)} ${path}`,
      expected: "its size and hash (X-Linked-Size, X-Linked-Etag or ETag)",
      got: "a response without them",
      hint: "Check HF_ENDPOINT: it must be a Hugging Face hub, or a mirror that passes on these headers.",
    });
  });
}
