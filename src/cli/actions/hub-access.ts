import type { HubAccess } from "../../hub/settings.js";
import { showDownload } from "../view/download-view.js";
import { hubSettings } from "../environment/hub-settings.js";

/** Calls `work` with access to the hub and shows its downloads. Ctrl-C ends the program; partial downloads are kept. */
export async function withHub<T>(work: (hub: HubAccess) => Promise<T>): Promise<T> {
  const view = showDownload(process.stderr);
  try {
    return await work({ settings: hubSettings(process.env), signal: new AbortController().signal, ...view.events });
  } finally {
    view.stop();
  }
}
