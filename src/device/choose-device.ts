/** `auto`: the GPU or the processor, whichever multiplies faster. */
import { cpus } from "node:os";
import { join } from "node:path";
import { createCpuDevice } from "./cpu/cpu-device.js";
import { addonSettings } from "./cpu/native-addon.js";
import type { ProcessorDType } from "./device-kind.js";
import type { ComputeDType } from "./kernels.js";
import { keptRate, ratesKey } from "./kept-rates.js";
import { measureFlops } from "./measure-flops.js";
import { findAdapter } from "./webgpu/adapter/find-adapter.js";
import { probeAdapter } from "./webgpu/adapter/probe-adapter.js";
import { webgpuRate } from "./webgpu/webgpu-device.js";

export interface DeviceChoice {
  readonly name: "cpu" | "webgpu";
  /** Why, in words; null if there is no graphics adapter to choose. */
  readonly reason: string | null;
}

/** The GPU is chosen if it is faster by this factor, so that nearly equal devices do not depend on the measurement. */
const margin = 1.1;
const chosen = new Map<ComputeDType, Promise<DeviceChoice>>();

/**
 * The faster device of this machine, with all its processors; measured once and kept, like the rates of sets. Only
 * graphics adapters multiply in f16.
 */
export function chooseDevice(computeDType: ComputeDType): Promise<DeviceChoice> {
  const before = chosen.get(computeDType) ?? choose(computeDType);
  chosen.set(computeDType, before);
  return before;
}

async function choose(computeDType: ComputeDType): Promise<DeviceChoice> {
  if (computeDType === "f16") return { name: "webgpu", reason: null };
  if ((await probeAdapter()).reason !== null) return { name: "cpu", reason: null };
  const { found } = await findAdapter();
  if (found === null || found.reason !== null) return { name: "cpu", reason: null };
  const [cpu, webgpu] = [await cpuRate(computeDType), await webgpuRate(found, computeDType)];
  if (cpu === null || webgpu === null)
    return { name: "cpu", reason: `${found.name}; the measured rates of devices could not be kept` };
  const rates = [`cpu ${Math.round(cpu / 1e9)}`, `webgpu ${Math.round(webgpu / 1e9)} GFLOP/s`].join(", ");
  const reason = `${found.name}; products in ${computeDType}: ${rates}`;
  return { name: webgpu > margin * cpu ? "webgpu" : "cpu", reason };
}

/** FLOP/s of all processors together. */
function cpuRate(computeDType: ProcessorDType): Promise<number | null> {
  const threads = Math.max(1, cpus().length);
  const file = join(addonSettings().cacheFolder, `cpu-${computeDType}-${ratesKey(["cpu", String(threads)])}.json`);
  return keptRate(file, "cpu", () => measureFlops(createCpuDevice({ threads, computeDType })));
}
