import type { ServerResponse } from "node:http";
import type { WatchedRun } from "../state/watched-run.js";
import { isCell } from "../view/lanes.js";
import { regionsOf } from "../view/page.js";
import type { ViewState } from "../view/view-state.js";

/** A page that is open. It gets the regions that have changed since it got them last. */
export interface Client {
  send(runs: readonly WatchedRun[]): void;
}

/** Unsent bytes above which a slow page waits for the next look. */
const maxUnsent = 4 << 20;

/**
 * Server-sent events: `regions`, a JSON object of HTML by the ids of elements. A page that connects again gets all of
 * them.
 */
export function createClient(response: ServerResponse, view: ViewState): Client {
  const sent = new Map<string, string>();
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
  // A page that lost its connection tries again after two seconds.
  response.write("retry: 2000\n\n");
  return {
    send(runs) {
      if (response.writableLength > maxUnsent) return;
      const changed: Record<string, string> = {};
      for (const [id, { html }] of regionsOf(runs, view)) {
        // A new table of lanes has empty cells; they follow it.
        if (sent.get(id) === html && !(changed.lanes !== undefined && isCell(id))) continue;
        sent.set(id, html);
        changed[id] = html;
      }
      // A comment shows that the connection is alive.
      const isChanged = Object.keys(changed).length > 0;
      response.write(isChanged ? `event: regions\ndata: ${JSON.stringify(changed)}\n\n` : ": alive\n\n");
    },
  };
}
