import type { HubAccess } from "../../hub/settings.js";
import { showDownload } from "../view/download-view.js";
import { hubSettings } from "../environment/hub-settings.js";

/** Does what may need the hub, showing what is downloaded; Ctrl-C ends the program, and what has arrived is kept. */
export async function withHub<T>(work: (hub: HubAccess) => Promise<T>): Promise<T> {
  const view = showDownload(process.stderr);
  try {
    return await work({ settings: hubSettings(process.env), signal: new AbortController().signal, ...view.events });
  } finally {
    view.stop();
  }
}
