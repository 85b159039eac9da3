import { setAdapterChoice } from "../../device/webgpu/adapter/adapter-choice.js";

/** The graphics adapter that STRATA_ADAPTER names. */
export function configureAdapter(): void {
  const { STRATA_ADAPTER, NVIDIA_VISIBLE_DEVICES, NVIDIA_DRIVER_CAPABILITIES } = process.env;
  const capabilities = NVIDIA_DRIVER_CAPABILITIES ?? "";
  const lacksGraphics = NVIDIA_VISIBLE_DEVICES !== undefined && !/all|graphics/.test(capabilities);
  const hint =
    `NVIDIA_DRIVER_CAPABILITIES of this container is ${JSON.stringify(capabilities)}, without graphics: ` +
    "start it with NVIDIA_DRIVER_CAPABILITIES=all";
  setAdapterChoice({ name: STRATA_ADAPTER || null, hints: lacksGraphics ? [hint] : [] });
}
