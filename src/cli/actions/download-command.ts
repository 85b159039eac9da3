import { mainRevision, type Repository } from "../../hub/repository.js";
import { selectSnapshot } from "../../hub/select-snapshot.js";
import { fetchSelection } from "../../hub/selection.js";
import type { HubAccess } from "../../hub/settings.js";
import { showDownload } from "../view/download-view.js";
import { hubSettings } from "../environment/hub-settings.js";

export interface DownloadOptions {
  readonly dataset: boolean;
  readonly revision?: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly offline: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Brings files of the hub into the cache and prints the folder where they lie. */
export async function downloadCommand(id: string, options: DownloadOptions): Promise<void> {
  const { dataset, revision = mainRevision, include, exclude, offline, quiet, json } = options;
  const interruption = new AbortController();
  const onSignal = () => (interruption.signal.aborted ? process.exit(130) : interruption.abort());
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const view = quiet || json ? null : showDownload(process.stderr);
  const repository: Repository = { kind: dataset ? "dataset" : "model", id, revision };
  try {
    const access: HubAccess = {
      settings: hubSettings(process.env, offline),
      signal: interruption.signal,
      ...view?.events,
    };
    const { commit, folder, paths } = await fetchSelection(
      await selectSnapshot(repository, { include, exclude }, access),
      access,
    );
    view?.stop();
    process.stdout.write(json ? `${JSON.stringify({ folder, commit, files: paths })}\n` : `${folder}\n`);
  } catch (error) {
    view?.stop();
    if (!interruption.signal.aborted) throw error;
    process.stderr.write("Interrupted. Run the same command again to go on from what has arrived.\n");
    process.exitCode = 130;
  }
}
