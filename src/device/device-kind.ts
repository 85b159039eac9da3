import type { Instructions } from "./instructions.js";
import type { Device, ComputeDType } from "./kernels.js";

/** The compute dtypes of processors. */
export type ProcessorDType = Exclude<ComputeDType, "f16">;

/** An entry of the table of devices: how to open it, and whether this machine supports it. */
export interface DeviceKind {
  /** Rejects with a StrataError that has the reason if it is not available. */
  open(threads: number, computeDType: ComputeDType, instructions: Instructions): Promise<Device>;
  report(): Promise<Omit<DeviceReport, "name">>;
  /** Rejects as `open` does, without opening it; of a device that may be unavailable for reasons of the machine. */
  require?(): Promise<void>;
}

export interface DeviceReport {
  readonly name: string;
  readonly available: boolean;
  readonly instructionSets: readonly InstructionSetReport[];
  /** Graphics adapters of a device that uses them; empty for others. */
  readonly adapters: readonly AdapterReport[];
  /** The kernels used by default; null for a device without native kernels. */
  readonly kernels: KernelReport | null;
  /** Why it is not available; null if it is. */
  readonly reason: string | null;
}

export interface KernelReport {
  /** For products in f32. */
  readonly instructionSet: string;
  /** For products in bf16. */
  readonly bf16InstructionSet: string;
  readonly products: Readonly<Record<ProcessorDType, ProductMeans>>;
  /** FLOP/s of products on one thread by which the sets were chosen, by dtype and set; null if there was no choice. */
  readonly rates: Readonly<Record<ProcessorDType, Readonly<Record<string, number>> | null>>;
  /** Name and version of the compiler that built them. */
  readonly compiler: string;
}

/**
 * How a device computes products of a dtype: with processor instructions for it; in f32 after rounding the operands,
 * which gives the same products but is no faster than f32; or by emulating the instructions, slowly.
 */
export type ProductMeans = "hardware" | "rounding" | "emulated";

export interface InstructionSetReport {
  readonly name: string;
  /** Whether it computes what the set computes, to the same bits, without its instructions; never the default. */
  readonly emulated: boolean;
  readonly available: boolean;
  readonly products: Readonly<Record<ProcessorDType, ProductMeans>>;
  /** Why it is not available; null if it is. */
  readonly reason: string | null;
}

export interface AdapterReport {
  readonly name: string;
  readonly available: boolean;
  /** One line each, for `strata doctor`. */
  readonly facts: readonly string[];
  /** Why it is not used; null if it is. */
  readonly reason: string | null;
}
