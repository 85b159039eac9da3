import type { Instructions } from "../instructions.js";
import type { AddonSettings } from "./addon-file.js";
import { findInstructionSet, setOf } from "./instruction-sets.js";
import { setAddonSettings } from "./native-addon.js";

/**
 * Compiles the kernels of the cpu device now, unless the checkout or the cache has them; takes a minute or two, those
 * that emulate instructions some minutes. Then measures which are the fastest, before other work disturbs it. Without
 * this call the first use does both, with default settings.
 *
 * @throws StrataError if there is no compiler or it fails, or if the instructions cannot be emulated
 */
export function prepareAddon(settings: Partial<AddonSettings> = {}, instructions: Instructions = "auto"): void {
  setAddonSettings(settings);
  for (const dtype of ["f32", "bf16"] as const) findInstructionSet(setOf(instructions), dtype);
}
