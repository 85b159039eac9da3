/** Opens a device by name, and reports which are available. */
import { StrataError } from "../errors/strata-error.js";
import type { DeviceKind, DeviceReport } from "./device-kind.js";
import { deviceNames, devices, renamedDevices, type DeviceName } from "./devices.js";
import type { Device, ComputeDType } from "./kernels.js";

/** @throws StrataError with the reason if the device is not available */
export function openDevice(name: DeviceName, threads: number, computeDType: ComputeDType): Device {
  const kinds: Readonly<Record<string, DeviceKind>> = devices;
  const kind = name === "auto" ? Object.values(kinds)[0] : Object.hasOwn(kinds, name) ? kinds[name] : null;
  if (kind) return kind.open(threads, computeDType);
  throw new StrataError("DeviceError", {
    where: "device",
    expected: `${deviceNames.slice(0, -1).join(", ")} or ${deviceNames.at(-1)}`,
    got: JSON.stringify(name),
    hint: renamedHint(name) ?? "Use auto unless you want to compare devices.",
  });
}

/** The hint for a former name; null for other names. */
export function renamedHint(name: string): string | null {
  return Object.hasOwn(renamedDevices, name) ? `"${name}" was renamed to "${renamedDevices[name]}".` : null;
}

export function deviceReport(): readonly DeviceReport[] {
  return Object.entries<DeviceKind>(devices).map(([name, kind]) => ({ name, ...kind.report() }));
}
