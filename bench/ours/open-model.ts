import type { Device } from "#strata/device/kernels.js";
import { openModelFolder } from "#strata/model/model-folder.js";
import { loadModel, type Model } from "#strata/model/model.js";
import type { Window } from "#strata/model/parameters.js";
import type { Assignment, GenerationWork, ScoringWork } from "../work.js";
import { Unsupported } from "./unsupported.js";

/** Of the operands of matrix products. */
export type Precision = "f32" | "bf16";

/** The one place where our side is told its precision. */
export function openModel(device: Device, folder: string, window: Window | null, precision: Precision): Model {
  if (precision !== "f32") throw new Unsupported(`the model computes in f32 only, not ${precision}`);
  return loadModel(device, openModelFolder(folder), window);
}

/** A model for scoring or generation: mode `f32`, `bf16-weights` (products in f32) or `bf16`. */
export function openInference(device: Device, work: Assignment<ScoringWork | GenerationWork>): Model {
  const folder = work.mode === "f32" ? work.folder : work.bf16Folder;
  return openModel(device, folder, null, work.mode === "bf16" ? "bf16" : "f32");
}
