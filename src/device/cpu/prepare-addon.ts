import type { AddonSettings } from "./addon-file.js";
import { setAddonSettings } from "./native-addon.js";
import { requireAddon } from "./cpu-device.js";

/**
 * Compiles the kernels of the cpu device now, unless the checkout or the cache has them; takes about half a minute.
 * Without this call the first use compiles them, with default settings.
 *
 * @throws StrataError if there is no compiler or it fails
 */
export function prepareAddon(settings: Partial<AddonSettings> = {}): void {
  setAddonSettings(settings);
  requireAddon();
}
