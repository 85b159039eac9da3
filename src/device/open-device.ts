/** Which devices there are, and how to get one by name. */
import { StrataError } from "../tensor/errors.js";
import type { Device, ProductType } from "./kernels.js";
import { reportInstructionSets, type InstructionSetReport } from "./native/instruction-sets.js";
import { loadAddon } from "./native/native-addon.js";
import { createNativeDevice } from "./native/native-device.js";
import { createReferenceDevice } from "./reference/reference-device.js";

export type DeviceName = "auto" | "native" | "reference";

export interface DeviceReport {
  readonly name: string;
  readonly available: boolean;
  readonly instructionSets: readonly InstructionSetReport[];
  /** Why it is refused. */
  readonly reason: string | null;
}

/**
 * @param name  `auto` is native; the reference device is slow and has to be asked for
 * @throws StrataError with the reason if the device is not available
 */
export function openDevice(name: DeviceName, threads: number, products: ProductType): Device {
  if (name === "reference") return createReferenceDevice("f32", products);
  if (name === "auto" || name === "native") return createNativeDevice({ threads, products });
  throw new StrataError("DeviceError", {
    where: "device",
    expected: "auto, native or reference",
    got: JSON.stringify(name),
    hint: "Use auto unless you want to compare devices.",
  });
}

export function deviceReport(): readonly DeviceReport[] {
  const loaded = loadAddon();
  const native =
    loaded.addon === null
      ? { name: "native", available: false, instructionSets: [], reason: loaded.reason }
      : { name: "native", available: true, instructionSets: reportInstructionSets(loaded.addon), reason: null };
  return [native, { name: "reference", available: true, instructionSets: [], reason: null }];
}
