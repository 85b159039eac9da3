/** Which devices there are, and how to get one by name. */
import { StrataError } from "../errors/strata-error.js";
import type { Device, ProductType } from "./kernels.js";
import { reportInstructionSets, type InstructionSetReport, type ProductMeans } from "./native/instruction-sets.js";
import { loadAddon } from "./native/native-addon.js";
import { createNativeDevice } from "./native/native-device.js";
import { createReferenceDevice } from "./reference/reference-device.js";

export type DeviceName = "auto" | "native" | "reference";

export interface DeviceReport {
  readonly name: string;
  readonly available: boolean;
  readonly instructionSets: readonly InstructionSetReport[];
  /** What is used where nothing else is asked for; null for a device without native kernels. */
  readonly kernels: KernelReport | null;
  /** Why it is refused. */
  readonly reason: string | null;
}

export interface KernelReport {
  readonly instructionSet: string;
  readonly products: Readonly<Record<ProductType, ProductMeans>>;
  /** Name and version of the compiler that made them. */
  readonly compiler: string;
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
  const reference = { name: "reference", available: true, instructionSets: [], kernels: null, reason: null };
  const loaded = loadAddon();
  if (loaded.addon === null) {
    return [{ name: "native", available: false, instructionSets: [], kernels: null, reason: loaded.reason }, reference];
  }
  const { compiler } = loaded.addon;
  const instructionSets = reportInstructionSets(loaded.addon);
  const chosen = instructionSets.find(({ available }) => available);
  const kernels = chosen ? { instructionSet: chosen.name, products: chosen.products, compiler } : null;
  return [{ name: "native", available: true, instructionSets, kernels, reason: null }, reference];
}
