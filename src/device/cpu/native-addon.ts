/** The C++ addon, loaded on first use, and compiled then if it is not there yet. */
import { createRequire } from "node:module";
import { addonFile, usualCacheFolder, type AddonSettings } from "./addon-file.js";
import type { BufferView } from "./cpu-buffer.js";

/** Opaque: the instruction set and the threads of one device. */
export type NativeContext = object;
/** An argument of a kernel; null is "none". A buffer of several possible dtypes is two arguments: its view and the code of its dtype. */
export type NativeArgument = BufferView | number | boolean | null;
type NativeKernel = (context: NativeContext, ...parameters: NativeArgument[]) => void;

export interface NativeInstructionSet {
  readonly name: string;
  /** Whether it multiplies bf16 operands; otherwise they are rounded and multiplied as f32. */
  readonly multipliesBf16: boolean;
  /** On this processor. */
  readonly available: boolean;
}

export interface NativeAddon {
  readonly pageSize: number;
  /** Name and version of what compiled it. */
  readonly compiler: string;
  /** Those compiled for this architecture, fastest first. */
  readonly instructionSets: readonly NativeInstructionSet[];
  /** `products`: the code of the dtype that operands of matrix products are rounded to. */
  createContext(instructionSet: string, threads: number, products: number): NativeContext;
  /** Zeroed. @throws RangeError if there is not enough memory */
  allocate(bytes: number): ArrayBuffer;
  /** Read-only; `offset` is a multiple of pageSize. */
  map(path: string, offset: number, bytes: number): ArrayBuffer;
  /** Zeroed, in a file without a name. @throws Error if the folder's disk has not so much room */
  mapScratch(folder: string, bytes: number): ArrayBuffer;
  /** Takes what of a scratch file is in memory out of it; the values stay. */
  release(view: Float32Array): void;
  /** Ends the process at once: nothing more runs, and what is not written yet is lost. */
  endProcess(exitCode: number): void;
  readonly fill: NativeKernel;
  readonly copy: NativeKernel;
  readonly embed: NativeKernel;
  readonly embedBackward: NativeKernel;
  readonly rmsNorm: NativeKernel;
  readonly rmsNormBackward: NativeKernel;
  readonly matmul: NativeKernel;
  readonly matmulInputGradient: NativeKernel;
  readonly matmulWeightGradient: NativeKernel;
  readonly addBias: NativeKernel;
  readonly biasGradient: NativeKernel;
  readonly rope: NativeKernel;
  readonly attention: NativeKernel;
  readonly attentionBackward: NativeKernel;
  readonly swiglu: NativeKernel;
  readonly swigluBackward: NativeKernel;
  readonly headLoss: NativeKernel;
  readonly squaredNorm: NativeKernel;
  readonly adamW: NativeKernel;
}

/** The addon, or why there is none. */
export type LoadedAddon = { readonly addon: NativeAddon } | { readonly addon: null; readonly reason: string };

let settings: AddonSettings = { cacheFolder: usualCacheFolder(), compiler: "g++" };
let loaded: LoadedAddon | null = null;

/** For the first use; an addon that is loaded already stays. */
export function setAddonSettings(given: Partial<AddonSettings>): void {
  settings = { ...settings, ...given };
  if (loaded?.addon === null) loaded = null;
}

/** @param mayCompile  else only an addon that is there already is loaded */
export function loadAddon(mayCompile = true): LoadedAddon {
  if (loaded !== null) return loaded;
  const found = load(mayCompile);
  if (mayCompile || found.addon !== null) loaded = found;
  return found;
}

function load(mayCompile: boolean): LoadedAddon {
  const file = addonFile(settings, mayCompile);
  if (file.path === null) return { addon: null, reason: file.reason };
  try {
    return { addon: createRequire(import.meta.url)(file.path) as NativeAddon };
  } catch (error) {
    return { addon: null, reason: error instanceof Error ? error.message : String(error) };
  }
}
