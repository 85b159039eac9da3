import type { Device, ComputeDType } from "./kernels.js";

/** A device of the table: how it is opened, and whether it can be here. */
export interface DeviceKind {
  /** @throws StrataError with the reason if it is not available */
  open(threads: number, computeDType: ComputeDType): Device;
  report(): Omit<DeviceReport, "name">;
}

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
  readonly products: Readonly<Record<ComputeDType, ProductMeans>>;
  /** Name and version of the compiler that made them. */
  readonly compiler: string;
}

/**
 * How a device multiplies in a type: with instructions of the processor for it, or in f32 after the operands have been
 * rounded to it, which gives the same products but is no faster than f32.
 */
export type ProductMeans = "hardware" | "rounding";

export interface InstructionSetReport {
  readonly name: string;
  readonly available: boolean;
  readonly products: Readonly<Record<ComputeDType, ProductMeans>>;
  /** Why it is refused. */
  readonly reason: string | null;
}
