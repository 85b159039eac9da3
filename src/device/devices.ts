import { cpu } from "./cpu/cpu-device.js";
import type { DeviceKind } from "./device-kind.js";
import { reference } from "./reference/reference-device.js";

/** All devices by name. `auto` is the first; others have to be asked for. */
export const devices = { cpu, reference } satisfies Readonly<Record<string, DeviceKind>>;

export type DeviceName = "auto" | keyof typeof devices;

export const deviceNames = ["auto", ...Object.keys(devices)] as readonly DeviceName[];

/** Former names and what they are called now. */
export const renamedDevices: Readonly<Record<string, DeviceName>> = { native: "cpu" };
