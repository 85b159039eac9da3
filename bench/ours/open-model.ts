import type { Device, ComputeDType } from "#strata/device/kernels.js";
import { openDevice } from "#strata/device/open-device.js";
import { openModelFolder } from "#strata/model/files/model-folder.js";
import { loadModel, type Model } from "#strata/model/model.js";
import type { Assignment, GenerationWork, ScoringWork } from "../work.js";

/** In the precision of the mode: `f32`, `bf16`, `f16`, or, for inference, `bf16-weights` with products in f32. */
export function openDeviceFor({ mode, threads, device }: Assignment): Promise<Device> {
  const computeDType: ComputeDType = mode === "bf16" || mode === "f16" ? mode : "f32";
  return openDevice(device, threads, computeDType);
}

/** A model for scoring or generation, with weights in the dtype of the mode. */
export function openInference(
  device: Device,
  { mode, folder, bf16Folder }: Assignment<ScoringWork | GenerationWork>,
): Model {
  return loadModel(device, openModelFolder(mode === "f32" ? folder : bf16Folder), null);
}
