import type { AddonSettings } from "./addon-file.js";
import { setAddonSettings } from "./native-addon.js";
import { requireAddon } from "./cpu-device.js";

/**
 * Makes the cpu device ready: its kernels are compiled now if they are in neither the checkout nor the cache, which takes
 * about half a minute. Without it the first use does so, with the usual settings.
 *
 * @throws StrataError if there is no compiler, or it fails
 */
export function prepareAddon(settings: Partial<AddonSettings> = {}): void {
  setAddonSettings(settings);
  requireAddon();
}
