import { join } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import type { ModelFolder } from "../model/files/model-folder.js";
import type { Model } from "../model/model.js";
import { openSafetensors, verifyTensor } from "../tensor/safetensors.js";
import { safetensorsFiles } from "../tensor/safetensors-shards.js";
import { saveOtherFiles } from "./save-model.js";

export function snapshotFolder(folder: string, name: string): string {
  return join(folder, "snapshots", name);
}

/**
 * Makes sure that a snapshot which a resumed part does not write again is as it was written: its weights are verified,
 * its other files, which have no checksums, are written again.
 *
 * @throws StrataError if its weights are missing or damaged
 */
export function keepSnapshot(folder: string, model: Model, source: ModelFolder): void {
  try {
    for (const path of safetensorsFiles(folder)) openSafetensors(path).tensors.forEach(verifyTensor);
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    const hint = `Remove the checkpoint in ${join(folder, "../..")} and run again; this part starts again.`;
    throw new StrataError(error.kind, { ...error.parts, hint }, { cause: error });
  }
  saveOtherFiles(folder, model, source);
}
