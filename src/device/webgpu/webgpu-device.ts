import { join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { addonSettings } from "../cpu/native-addon.js";
import type { DeviceKind } from "../device-kind.js";
import { keepRates, ratesKey, readRates } from "../kept-rates.js";
import type { ComputeDType, Device } from "../kernels.js";
import { measureFlops } from "../measure-flops.js";
import { multipliesRight } from "../multiplies-right.js";
import { findAdapter, requiredFeatures, requiredLimits, type FoundAdapter } from "./adapter/find-adapter.js";
import { packageVersion } from "./adapter/gpu-package.js";
import { matrixUnits, type MatrixUnits } from "./adapter/matrix-units.js";
import { probeAdapter } from "./adapter/probe-adapter.js";

/** Graphics adapters through WebGPU: Vulkan, Metal or Direct3D. Its kernels are loaded when it is opened. */
export const webgpu: DeviceKind = {
  open: (_threads, computeDType) => openWebgpuDevice(computeDType),
  report: async () => {
    const { report, reason } = await probeAdapter();
    const adapters = report === null ? [] : [report];
    return { available: reason === null, instructionSets: [], kernels: null, adapters, reason };
  },
  require: requireAdapter,
};

/** FLOP/s by which work is cut into submits, before it is measured: low for a GPU, so that none is too long. */
const assumedRate = { gpu: 2e11, software: 5e9 };

/** @throws StrataError if there is no adapter, or only one that computes in software and is not named */
export async function openWebgpuDevice(computeDType: ComputeDType): Promise<Device> {
  const result = await findAdapter();
  if (result.found === null) throw unavailable(null, result.reason);
  const { found } = result;
  if (found.reason !== null) throw unavailable(found.name, found.reason);
  const speed = await measuredSpeed(found, computeDType);
  return openOn(await again(found), computeDType, speed ?? assumedSpeed);
}

/** @throws StrataError as `openWebgpuDevice` does, without opening the device */
export async function requireAdapter(): Promise<void> {
  const { report, reason } = await probeAdapter();
  if (reason !== null) throw unavailable(report?.name ?? null, reason);
}

/** What is measured once for an adapter. */
interface Speed {
  /** FLOP/s of matrix products. */
  readonly rate: number;
  /** Whether large products are faster by large tiles: some GPUs have too few registers for them. */
  readonly largeTiles: boolean;
}

/** Of which the rates are measured. */
const tileSizes = ["large", "small"] as const;
const assumedSpeed: Speed = { rate: assumedRate.gpu, largeTiles: true };

/** FLOP/s of matrix products, measured once and kept; assumed for software. Null if it could not be kept. */
export async function webgpuRate(found: FoundAdapter, computeDType: ComputeDType): Promise<number | null> {
  return (await measuredSpeed(found, computeDType))?.rate ?? null;
}

async function measuredSpeed(found: FoundAdapter, computeDType: ComputeDType): Promise<Speed | null> {
  if (found.isSoftware) return { rate: assumedRate.software, largeTiles: true };
  const key = ratesKey([found.name, packageVersion]);
  const file = join(addonSettings().cacheFolder, `webgpu-${computeDType}-${key}.json`);
  const measure = async (largeTiles: boolean) =>
    measureFlops(await openOn(await again(found), computeDType, { ...assumedSpeed, largeTiles }));
  const rates =
    readRates(file, tileSizes) ??
    keepRates(file, tileSizes, { large: await measure(true), small: await measure(false) });
  return rates && { rate: Math.max(rates.large, rates.small), largeTiles: rates.large >= rates.small };
}

/** The adapter as another object: each gives one device only. */
async function again(found: FoundAdapter): Promise<FoundAdapter> {
  return (await findAdapter()).found ?? found;
}

async function openOn(found: FoundAdapter, computeDType: ComputeDType, speed: Speed): Promise<Device> {
  const units = matrixUnits(found.adapter, computeDType);
  const device = await openWith(found, computeDType, speed, units);
  if (units === null || (await multipliesRight(device))) return device;
  // Shaders for these units are not in the standard yet: a driver may not understand them.
  return openWith(await again(found), computeDType, speed, null);
}

async function openWith(found: FoundAdapter, computeDType: ComputeDType, speed: Speed, units: MatrixUnits | null) {
  const { adapter, name, isSoftware } = found;
  const device = await adapter.requestDevice({
    requiredLimits: requiredLimits(adapter),
    requiredFeatures: requiredFeatures(found, units),
  });
  const { createGpuDevice } = await import("./create-device.js");
  return createGpuDevice(device, { computeDType, name, ...speed, isSoftware, units });
}

/** @param adapter  that is refused; null if there is none */
function unavailable(adapter: string | null, reason: string): StrataError {
  return new StrataError("DeviceError", {
    where: "webgpu device",
    expected: adapter === null ? "a graphics adapter" : "a GPU",
    got: adapter === null ? reason : `${adapter}: ${reason}`,
    hint: "See docs/gpu.md, or compute on the CPU with the cpu device, in bf16 or f32.",
  });
}
