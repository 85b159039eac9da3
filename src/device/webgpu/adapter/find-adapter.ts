import type { AdapterReport } from "../../device-kind.js";
import { adapterChoice, type AdapterChoice } from "./adapter-choice.js";
import { loadGpu } from "./gpu-package.js";
import { describeUnits, matrixFeatures, matrixUnits, type MatrixUnits } from "./matrix-units.js";

/** A graphics adapter, whether it can be used or not. */
export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  readonly name: string;
  /** A processor computes instead of a GPU. */
  readonly isSoftware: boolean;
  /** Why it is not used; null if it is. */
  readonly reason: string | null;
}

const software = /llvmpipe|lavapipe|swiftshader|microsoft basic render/i;

/** @returns the adapter, or why there is none */
export async function findAdapter(
  choice: AdapterChoice = adapterChoice(),
): Promise<{ readonly found: FoundAdapter } | { readonly found: null; readonly reason: string }> {
  const { gpu, reason } = await loadGpu({ adapter: choice.name });
  if (!gpu) return { found: null, reason };
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  } catch (error) {
    return { found: null, reason: `no graphics adapter: ${String(error)}` };
  }
  if (!adapter) return { found: null, reason: noAdapter(choice) };
  const { description, device, vendor, architecture } = adapter.info;
  const driver = /\S/.test(description) ? ` (${description.trim()})` : "";
  const name = `${device.trim() || `${vendor} ${architecture}`.trim()}${driver}`;
  const isSoftware = software.test(name);
  const isNamed = choice.name !== null;
  return { found: { adapter, name, isSoftware, reason: isSoftware && !isNamed ? softwareRefusal : null } };
}

const softwareRefusal =
  "a processor computes in place of a GPU, slower than the cpu device; name it in STRATA_ADAPTER to use it anyway";

function noAdapter({ name, hints }: AdapterChoice): string {
  const missing =
    name === null ? "no graphics adapter" : `no graphics adapter whose name contains ${JSON.stringify(name)}`;
  const driver = {
    linux:
      "a driver for Vulkan 1.1 or later is needed, and its loader " +
      "(Debian: libvulkan1, mesa-vulkan-drivers or nvidia-vulkan-icd)",
    darwin: "macOS with Metal is needed",
    win32: "a driver for Direct3D 12 or Vulkan is needed",
  }[process.platform as string];
  return [missing, driver ?? "this platform has no WebGPU", ...hints].join("; ");
}

/** The limits that the kernels use, as far as the adapter supports them. */
export function requiredLimits({ limits }: GPUAdapter): Record<string, number> {
  const {
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX,
  } = limits;
  return {
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX,
  };
}

/** The features that the kernels use: those of units for small matrices, and subgroups in software. */
export function requiredFeatures({ adapter, isSoftware }: FoundAdapter, units: MatrixUnits | null): GPUFeatureName[] {
  const usesSubgroups = isSoftware && units === null && adapter.features.has("subgroups");
  return usesSubgroups ? ["subgroups"] : matrixFeatures(units);
}

/** What `strata doctor` prints of an adapter. */
export function reportAdapter({ adapter, name, reason }: FoundAdapter): AdapterReport {
  const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupStorageSize } = adapter.limits;
  const units = matrixUnits(adapter, "f16");
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;
  const has = (feature: string) => (adapter.features.has(feature) ? "yes" : "no");
  const facts = [
    `buffers up to ${mebibytes(maxBufferSize)}, bindings up to ${mebibytes(maxStorageBufferBindingSize)}, ` +
      `${maxComputeWorkgroupStorageSize / 1024} KiB of memory a workgroup`,
    `f16: ${has("shader-f16")}, subgroups: ${has("subgroups")}, ` +
      (units ? describeUnits(units) : `subgroup matrices: ${has("chromium-experimental-subgroup-matrix")}`),
  ];
  return { name, available: reason === null, facts, reason };
}
