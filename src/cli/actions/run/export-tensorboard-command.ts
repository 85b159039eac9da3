import { exportTensorboard } from "../../../run/tensorboard/export-tensorboard.js";
import { plural } from "../../../text/plural.js";
import { showExportProgress } from "../../view/export-progress.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export interface ExportTensorboardOptions extends RunArguments {
  readonly force: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Writes the metrics of a run for TensorBoard and as JSON lines. */
export async function exportTensorboardCommand(
  path: string,
  folder: string,
  { force, json, quiet, ...run }: ExportTensorboardOptions,
): Promise<void> {
  const located = await locateRun(path, run);
  const progress = quiet ? null : showExportProgress(process.stderr);
  const { folders, steps } = await exportTensorboard({
    recipe: located.recipe,
    store: located.store,
    run: located.folder,
    folder,
    force,
    onNote(line) {
      progress?.clear();
      process.stderr.write(`${line}\n`);
    },
    onProgress: (done, total, name) => progress?.show(done, total, name),
  }).finally(() => progress?.clear());
  if (json) process.stdout.write(`${JSON.stringify({ folder, folders, steps })}\n`);
  else if (!quiet) {
    const written = `${plural(folders, "folder")} with ${plural(steps, "recorded step")}`;
    process.stdout.write(`${written} in ${folder}. Show them: tensorboard --logdir ${folder}\n`);
  }
}
