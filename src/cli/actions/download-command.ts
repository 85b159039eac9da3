import { mainRevision, type Repository } from "../../hub/repository.js";
import { selectSnapshot } from "../../hub/select-snapshot.js";
import { fetchSelection } from "../../hub/selection.js";
import type { HubAccess } from "../../hub/settings.js";
import { showDownload } from "../view/download-view.js";
import { hubSettings } from "../environment/hub-settings.js";
import { interruption } from "../environment/interruption.js";
import { exitCodes } from "../exit-codes.js";

export interface DownloadOptions {
  readonly dataset: boolean;
  readonly revision?: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly offline: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Downloads files from the hub to the cache and prints their folder. */
export async function downloadCommand(id: string, options: DownloadOptions): Promise<void> {
  const { dataset, revision = mainRevision, include, exclude, offline, quiet, json } = options;
  const signal = interruption();
  const view = quiet || json ? null : showDownload(process.stderr);
  const repository: Repository = { kind: dataset ? "dataset" : "model", id, revision };
  try {
    const access: HubAccess = { settings: hubSettings(process.env, offline), signal, ...view?.events };
    const selection = await selectSnapshot(repository, { include, exclude }, access);
    const { commit, folder, paths } = await fetchSelection(selection, access);
    view?.stop();
    process.stdout.write(json ? `${JSON.stringify({ folder, commit, files: paths })}\n` : `${folder}\n`);
  } catch (error) {
    view?.stop();
    if (!signal.aborted) throw error;
    process.stderr.write("Interrupted. Run the same command again to resume the download.\n");
    process.exitCode = exitCodes.interrupted;
  }
}
