/** Opens a device by name, and reports which are available. */
import { StrataError } from "../errors/strata-error.js";
import { chooseDevice } from "./choose-device.js";
import type { DeviceKind, DeviceReport } from "./device-kind.js";
import { devices, renamedDevices, type DeviceName } from "./devices.js";
import type { Instructions } from "./instructions.js";
import type { Device, ComputeDType } from "./kernels.js";

/** Devices by name. */
export type DeviceTable = Readonly<Record<string, DeviceKind>>;

/**
 * @param instructions  of the cpu device; default: `auto`
 * @throws StrataError with the reason, as a rejection, if the device is not available
 */
export async function openDevice<Table extends DeviceTable = typeof devices>(
  name: "auto" | (keyof Table & string),
  threads: number,
  computeDType: ComputeDType,
  { instructions = "auto", table }: { readonly instructions?: Instructions; readonly table?: Table } = {},
): Promise<Device> {
  const kinds: DeviceTable = table ?? devices;
  const chosen = name === "auto" ? await resolveDevice(computeDType, instructions) : name;
  const kind = Object.hasOwn(kinds, chosen) ? kinds[chosen] : null;
  if (kind) return kind.open(threads, computeDType, instructions);
  throw new StrataError("DeviceError", {
    where: "device",
    expected: `auto, ${Object.keys(kinds).slice(0, -1).join(", ")} or ${Object.keys(kinds).at(-1)}`,
    got: JSON.stringify(name),
    hint: renamedHint(name) ?? "Use auto unless you want to compare devices.",
  });
}

/** @throws StrataError with the reason, as a rejection, if the machine lacks what the device needs; opens nothing */
export async function requireDevice(name: DeviceName): Promise<void> {
  const kind: DeviceKind | null = name === "auto" ? null : devices[name];
  await kind?.require?.();
}

/** What `auto` opens. An instruction set that is named is one of the cpu device. */
export async function resolveDevice(computeDType: ComputeDType, instructions: Instructions): Promise<"cpu" | "webgpu"> {
  return instructions === "auto" ? (await chooseDevice(computeDType)).name : "cpu";
}

/** The hint for a former name; null for other names. */
export function renamedHint(name: string): string | null {
  return Object.hasOwn(renamedDevices, name) ? `"${name}" was renamed to "${renamedDevices[name]}".` : null;
}

/** In the table's order, one after the other: a report may measure. */
export async function deviceReport(table: DeviceTable = devices): Promise<readonly DeviceReport[]> {
  const reports: DeviceReport[] = [];
  for (const [name, kind] of Object.entries(table)) reports.push({ name, ...(await kind.report()) });
  return reports;
}
