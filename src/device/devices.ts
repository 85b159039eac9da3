import { cpu } from "./cpu/cpu-device.js";
import type { DeviceKind } from "./device-kind.js";
import { reference } from "./reference/reference-device.js";
import { webgpu } from "./webgpu/webgpu-device.js";

/** All devices by name. `auto` opens cpu or webgpu, whichever is faster; reference is opened only by name. */
export const devices = { cpu, webgpu, reference } satisfies Readonly<Record<string, DeviceKind>>;

export type DeviceName = "auto" | keyof typeof devices;

export const deviceNames = ["auto", ...Object.keys(devices)] as readonly DeviceName[];

/** Former names → current names. */
export const renamedDevices: Readonly<Record<string, DeviceName>> = { native: "cpu" };
