/** Loads the C++ addon on first use, and compiles it if it does not exist yet. */
import { createRequire } from "node:module";
import { addonFile, usualCacheFolder, type AddonName, type AddonSettings } from "./addon-file.js";
import type { BufferView } from "./cpu-buffer.js";

/** Opaque: the instruction set, threads and compute dtype of one device. */
export type NativeContext = object;
/**
 * null: the argument is absent. A buffer that can have several dtypes takes two: its view and its dtype code. A list of
 * such buffers is an array of both in turn.
 */
export type NativeArgument = BufferView | Uint32Array | number | boolean | null | readonly (BufferView | number)[];
type NativeKernel = (context: NativeContext, ...parameters: NativeArgument[]) => void;

export interface NativeInstructionSet {
  readonly name: string;
  /**
   * How bf16 operands are multiplied: rounded to bf16 and multiplied as f32; in pairs by an instruction; or large
   * products by tiles and others in pairs.
   */
  readonly bf16: "rounded" | "pairs" | "tiles";
  /** Whether it computes what the set computes without its instructions. */
  readonly emulated: boolean;
  /** On this machine. */
  readonly available: boolean;
  /** Why it is not available; empty if it is. */
  readonly refusal: string;
}

export interface NativeAddon {
  readonly pageSize: number;
  /** Name and version of the compiler. */
  readonly compiler: string;
  /** Those compiled into it, fastest first. */
  readonly instructionSets: readonly NativeInstructionSet[];
  /** @param set  index of an available instruction set; `computeDType`: its code in native/kernels.hpp */
  createContext(set: number, threads: number, computeDType: number): NativeContext;
  /** Zeroed. @throws RangeError if there is not enough memory */
  allocate(bytes: number): ArrayBuffer;
  /** Read-only; `offset` is a multiple of pageSize. */
  map(path: string, offset: number, bytes: number): ArrayBuffer;
  /** Zeroed, in an unlinked file. @throws Error if the disk of the folder is too full */
  mapScratch(folder: string, bytes: number): ArrayBuffer;
  /** Drops the resident pages of scratch memory; the file keeps the values. */
  release(view: Float32Array): void;
  /** Ends the process at once, without exit handlers: unwritten output is lost. */
  endProcess(exitCode: number): void;
  /**
   * Lets idle threads of the context read or write `bytes`, which do not change or move until the transfer of the
   * returned number is finished.
   */
  startTransfer(
    context: NativeContext,
    descriptor: number,
    isWrite: boolean,
    bytes: Uint8Array,
    position: number,
  ): number;
  /** The number of bytes moved, fewer only where a file ends; negative: the code of the system's error. */
  finishTransfer(context: NativeContext, transfer: number): number;
  /** Lets the system bring `length` bytes into its cache, which will be read soon. */
  expectRead(context: NativeContext, descriptor: number, position: number, length: number): void;
  readonly fill: NativeKernel;
  readonly copy: NativeKernel;
  readonly embed: NativeKernel;
  readonly embedBackward: NativeKernel;
  readonly rmsNorm: NativeKernel;
  readonly rmsNormBackward: NativeKernel;
  readonly matmul: NativeKernel;
  readonly matmulInputGradient: NativeKernel;
  readonly matmulWeightGradient: NativeKernel;
  readonly gram: NativeKernel;
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
  readonly momentumStep: NativeKernel;
  readonly normalize: NativeKernel;
  readonly blend: NativeKernel;
  readonly orthogonalize: NativeKernel;
  readonly mergeConvert: NativeKernel;
  readonly mergeSum: NativeKernel;
  readonly mergeGram: NativeKernel;
  readonly mergeSame: NativeKernel;
  readonly mergeProducts: NativeKernel;
  readonly mergeNear: NativeKernel;
  readonly mergeDivergence: NativeKernel;
  readonly mergeImportance: NativeKernel;
  readonly mergeFuse: NativeKernel;
  readonly mergeCountMagnitudes: NativeKernel;
  readonly mergeKeepRange: NativeKernel;
  readonly mergeKeepWhere: NativeKernel;
  readonly mergeFillWords: NativeKernel;
  readonly mergeKeepAtRandom: NativeKernel;
  readonly mergeKeepByRank: NativeKernel;
  readonly mergeMagnitudeSum: NativeKernel;
  readonly mergeSquareSum: NativeKernel;
  readonly mergeScale: NativeKernel;
  readonly mergeMix: NativeKernel;
  readonly mergeVariance: NativeKernel;
  readonly mergeCountShared: NativeKernel;
  readonly mergeMixShared: NativeKernel;
}

/** The addon, or why it is not available. */
export type LoadedAddon = { readonly addon: NativeAddon } | { readonly addon: null; readonly reason: string };

let settings: AddonSettings = { cacheFolder: usualCacheFolder(), compiler: "g++" };
const loaded = new Map<AddonName, LoadedAddon>();

export const addonSettings = (): AddonSettings => settings;

/** Settings for the first use; an addon that is already loaded is not replaced. */
export function setAddonSettings(given: Partial<AddonSettings>): void {
  settings = { ...settings, ...given };
  for (const [name, { addon }] of loaded) if (addon === null) loaded.delete(name);
}

/** @param mayCompile  whether to compile an addon that does not exist yet */
export function loadAddon(mayCompile = true, name: AddonName = "strata"): LoadedAddon {
  const before = loaded.get(name);
  if (before !== undefined) return before;
  const found = load(name, mayCompile);
  if (mayCompile || found.addon !== null) loaded.set(name, found);
  return found;
}

function load(name: AddonName, mayCompile: boolean): LoadedAddon {
  const file = addonFile(name, settings, mayCompile);
  if (file.path === null) return { addon: null, reason: file.reason };
  try {
    return { addon: createRequire(import.meta.url)(file.path) as NativeAddon };
  } catch (error) {
    return { addon: null, reason: error instanceof Error ? error.message : String(error) };
  }
}
