import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A revision of a repository: files by path. Content of more than 1000 bytes is large: the storage serves it. */
export interface ServedRevision {
  readonly commit: string;
  readonly files: Readonly<Record<string, Buffer>>;
}

/** A fault in one response. */
export interface Fault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Closes the connection after this many bytes of the body. */
  readonly cutAfter?: number;
  /** Sends nothing more after this many bytes, but keeps the connection open. */
  readonly silentAfter?: number;
  readonly ignoreRange?: boolean;
  /** Replaces the file's content. */
  readonly body?: Buffer;
}

export interface Asked {
  readonly host: "hub" | "storage";
  /** Without the query. */
  readonly path: string;
  /** Number of earlier requests for this path at this host. */
  readonly before: number;
  readonly range: string | null;
  readonly ifRange: string | null;
  readonly authorization: string | null;
}

export interface HubServer {
  readonly endpoint: string;
  /** By `models/ID@REVISION` or `datasets/ID@REVISION`; a commit also works as the revision of a request. */
  readonly revisions: Map<string, ServedRevision>;
  readonly asked: Asked[];
  fault: (asked: Asked) => Fault | undefined;
  close(): Promise<void>;
}

const digests = new WeakMap<Buffer, string>();
export function sha256(content: Buffer): string {
  const digest = digests.get(content) ?? createHash("sha256").update(content).digest("hex");
  digests.set(content, digest);
  return digest;
}
export const blobId = (content: Buffer) =>
  createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
const isLarge = (content: Buffer) => content.length > 1000;
const entriesOfPage = 3;

/** A hub and its storage, on separate ports. */
export async function startHub(): Promise<HubServer> {
  const asked: Asked[] = [];
  const storage = await listen((request, response) => answerStorage(hub, request, response));
  const server = await listen((request, response) => answerHub(hub, addressOf(storage), request, response));
  const hub: HubServer = {
    endpoint: addressOf(server),
    revisions: new Map(),
    asked,
    fault: () => undefined,
    async close() {
      for (const one of [server, storage]) {
        one.closeAllConnections();
        await new Promise((resolve) => one.close(resolve));
      }
    },
  };
  return hub;
}

function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(answer);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function note(hub: HubServer, host: Asked["host"], request: IncomingMessage): { fault: Fault | undefined; url: URL } {
  const url = new URL(request.url as string, "http://host");
  const path = decodeURIComponent(url.pathname);
  const before = hub.asked.filter((one) => one.path === path && one.host === host).length;
  const { range = null, "if-range": ifRange = null, authorization = null } = request.headers;
  const one: Asked = { host, path, before, range, ifRange: ifRange as string | null, authorization };
  hub.asked.push(one);
  return { fault: hub.fault(one), url };
}

function answerHub(hub: HubServer, storage: string, request: IncomingMessage, response: ServerResponse): void {
  const { fault, url } = note(hub, "hub", request);
  if (fault?.status !== undefined) return refuse(response, fault.status, fault.headers);
  const api = /^\/api\/(models|datasets)\/(.+?)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
  const file = /^\/(datasets\/)?(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
  const [kind, id, name] = api
    ? [api[1], api[2], api[4]]
    : [file?.[1] ? "datasets" : "models", file?.[2] ?? "", file?.[3] ?? ""];
  const names = [...hub.revisions].filter(([key]) => key.startsWith(`${kind}/${id}@`));
  if (names.length === 0)
    return refuse(response, 401, { "x-error-code": "RepoNotFound", "x-error-message": "Repository not found" });
  const wanted = decodeURIComponent(name);
  const revision =
    hub.revisions.get(`${kind}/${id}@${wanted}`) ?? names.find(([, { commit }]) => commit === wanted)?.[1];
  if (!revision) return refuse(response, 404, { "x-error-code": "RevisionNotFound" });
  if (api?.[3] === "revision")
    return send(
      response,
      JSON.stringify({
        id,
        sha: revision.commit,
        siblings: Object.keys(revision.files).map((rfilename) => ({ rfilename })),
      }),
    );
  if (api) return answerTree(hub, revision, url, response);
  const path = decodeURIComponent(file?.[4] ?? "");
  const content = revision.files[path];
  const headers = { "x-repo-commit": revision.commit };
  if (!content) return refuse(response, 404, { ...headers, "x-error-code": "EntryNotFound" });
  if (!isLarge(content))
    return sendFile(request, response, content, { ...headers, etag: `"${blobId(content)}"` }, fault);
  response
    .writeHead(302, {
      ...headers,
      "x-linked-etag": `"${sha256(content)}"`,
      "x-linked-size": content.length,
      location: `${storage}/${sha256(content)}?signature=secret`,
      ...fault?.headers,
    })
    .end();
}

function answerTree(hub: HubServer, { files }: ServedRevision, url: URL, response: ServerResponse): void {
  const entries = Object.entries(files).map(([path, content]) =>
    isLarge(content)
      ? {
          type: "file",
          path,
          size: content.length,
          oid: blobId(Buffer.from(sha256(content))),
          lfs: { oid: sha256(content), size: content.length, pointerSize: 134 },
        }
      : { type: "file", path, size: content.length, oid: blobId(content) },
  );
  const first = Number(url.searchParams.get("cursor") ?? 0);
  const next = `${hub.endpoint}${url.pathname}?recursive=true&cursor=${first + entriesOfPage}`;
  if (first + entriesOfPage < entries.length) response.setHeader("link", `<${next}>; rel="next"`);
  send(
    response,
    JSON.stringify([
      ...(first === 0 ? [{ type: "directory", path: "data", oid: "0".repeat(40), size: 0 }] : []),
      ...entries.slice(first, first + entriesOfPage),
    ]),
  );
}

function answerStorage(hub: HubServer, request: IncomingMessage, response: ServerResponse): void {
  const { fault, url } = note(hub, "storage", request);
  if (fault?.status !== undefined) return refuse(response, fault.status, fault.headers);
  const contents = [...hub.revisions.values()].flatMap(({ files }) => Object.values(files));
  const content = fault?.body ?? contents.find((one) => `/${sha256(one)}` === url.pathname);
  if (!content) return refuse(response, 403);
  sendFile(request, response, content, { etag: `"storage-${url.pathname.slice(1, 9)}"` }, fault);
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  whole: Buffer,
  own: Readonly<Record<string, string>>,
  fault: Fault | undefined,
): void {
  const content = fault?.body ?? whole;
  const headers = { "accept-ranges": "bytes", ...own, ...fault?.headers };
  const wants = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const condition = request.headers["if-range"];
  const isRange =
    wants !== null &&
    !fault?.ignoreRange &&
    (condition === undefined || condition === (headers as Record<string, string>).etag);
  const start = isRange ? Number(wants[1]) : 0;
  if (isRange && start >= content.length)
    return refuse(response, 416, { "content-range": `bytes */${content.length}` });
  const rest = content.subarray(start);
  const range = isRange ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(isRange ? 206 : 200, { "content-length": rest.length, ...range, ...headers });
  if (request.method === "HEAD") return void response.end();
  const end = fault?.cutAfter ?? fault?.silentAfter;
  if (end === undefined) return void response.end(rest);
  response.write(rest.subarray(0, end), () => {
    if (fault?.cutAfter !== undefined) setTimeout(() => response.destroy(), 20);
  });
}

function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, headers).end();
}

function send(response: ServerResponse, json: string): void {
  response.setHeader("content-type", "application/json");
  response.end(json);
}
