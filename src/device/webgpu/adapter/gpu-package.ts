/** The npm package `webgpu`: Dawn, the WebGPU of Chromium, for Node. It is optional, and loaded when it is needed. */
export const packageName = "webgpu";
/** The version that Strata is tested with: the package changes with Dawn, whose interface is not stable. */
export const packageVersion = "0.6.2";

const install = `npm install --no-save ${packageName}@${packageVersion}`;
export const missingPackage = `the npm package ${packageName} is not installed: ${install}`;

interface GpuPackage {
  create(options: string[]): GPU;
}

/** The object that owns all adapters, or why there is none. */
export type LoadedGpu = { readonly gpu: GPU; readonly reason: null } | { readonly gpu: null; readonly reason: string };

/** Features of Dawn: f16 where the driver has it but Dawn does not trust it, and what is not yet in the standard. */
const features = "enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia";

const key = Symbol.for("strata.webgpu");
const kept = globalThis as { [key]?: Map<string, Promise<LoadedGpu>> };

/**
 * Loads the package once a process. A global keeps the object: the process crashes if it is collected as garbage.
 *
 * @param backend  of Dawn; default: that of the system; `null` checks shaders and computes nothing
 * @param adapter  part of the adapter's name
 */
export function loadGpu(given: { backend?: "null"; adapter?: string | null } = {}): Promise<LoadedGpu> {
  const options = [features];
  if (given.backend) options.push(`backend=${given.backend}`);
  if (given.adapter) options.push(`adapter=${given.adapter}`);
  kept[key] ??= new Map();
  const name = options.join(" ");
  const loading = kept[key].get(name) ?? load(options);
  kept[key].set(name, loading);
  return loading;
}

async function load(given: readonly string[]): Promise<LoadedGpu> {
  try {
    const { create } = (await import(packageName)) as GpuPackage;
    return { gpu: create([...given]), reason: null };
  } catch (error) {
    return { gpu: null, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "ERR_MODULE_NOT_FOUND" && message?.includes(`'${packageName}'`)) return missingPackage;
  return `the npm package ${packageName} cannot be loaded: ${message ?? String(error)}`;
}
