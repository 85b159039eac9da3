import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { StrataError } from "../errors/strata-error.js";
import { accessFor, tokenCookie } from "./server/access.js";
import { answer } from "./server/answer.js";
import { createClient, type Client } from "./server/clients.js";
import { lookAtFiles } from "./state/look-at-files.js";
import type { WatchedRun } from "./state/watched-run.js";
import { parseView } from "./view/view-state.js";

export interface DashboardOptions {
  /** At least one. */
  readonly runs: readonly WatchedRun[];
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** Receives the errors of requests and of looks at the files; the server continues. */
  readonly onError: (error: unknown) => void;
}

export interface Dashboard {
  /** With the token, if the server needs one. */
  readonly address: string;
  /** Ends with the signal. */
  readonly closed: Promise<void>;
}

/** Pages that are open at once; more are refused. */
const maxClients = 64;

/** Neither scripts nor anything else of other places; no inline script or style. */
const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** Serves the pages of runs. It looks at their files while a page is open. @throws StrataError if it cannot listen */
export async function serveDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { runs, host, port, signal, onError } = options;
  const access = accessFor(host);
  const clients = new Set<Client>();
  const looks = lookAtFiles(runs, {
    isNeeded: () => clients.size > 0,
    onLook: () => clients.forEach((client) => client.send(runs)),
    onError,
  });
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      onError(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://host");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const given = url.searchParams.get("token");
    if (given !== null && access.isToken(given)) {
      url.searchParams.delete("token");
      response.writeHead(303, { "set-cookie": tokenCookie(given), location: `${url.pathname}${url.search}` }).end();
      return;
    }
    if (!access.isAllowed(request)) {
      const text = "Open the address that `strata dashboard` printed, with its token.\n";
      response.writeHead(403, { "content-type": "text/plain; charset=utf-8" }).end(text);
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    if (url.pathname !== "/events") {
      await looks.recent();
      await answer(response, url, runs);
      return;
    }
    if (clients.size >= maxClients) {
      response.writeHead(503).end();
      return;
    }
    const client = createClient(response, parseView(url.searchParams, runs.length));
    clients.add(client);
    response.on("close", () => clients.delete(client));
    await looks.recent();
    client.send(runs);
  }

  await listen(server, host, port);
  const closed = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => {
      looks.stop();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });
  // All addresses of this machine: other machines know it by its name.
  const name = host === "0.0.0.0" || host === "::" ? hostname() : host;
  const shown = name.includes(":") ? `[${name}]` : name;
  const query = access.token === null ? "" : `?token=${access.token}`;
  return { address: `http://${shown}:${(server.address() as AddressInfo).port}/${query}`, closed };
}

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new StrataError("RunError", {
          where: `${host}:${port}`,
          expected: "a free port of this machine",
          got: error.code ?? error.message,
          hint: "Choose another by --port; --port 0 takes any free one.",
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}
