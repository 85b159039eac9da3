import type { Device, DeviceBuffer, ComputeDType } from "../../device/kernels.js";
import { bytesPerElement, type DType } from "../../tensor/dtype.js";

/** Elements per row of named buffers: f32 buffers, and operands in the compute dtype. */
export interface RowWidths<Name extends string> {
  readonly floats: Readonly<Partial<Record<Name, number>>>;
  readonly operands: Readonly<Partial<Record<Name, number>>>;
}

/** Allocates each buffer for N rows. */
export function allocateRows<Name extends string>(
  device: Device,
  { floats, operands }: RowWidths<Name>,
  N: number,
): Record<Name, DeviceBuffer> {
  const buffers = (widths: RowWidths<Name>["floats"], dtype: DType) =>
    Object.entries<number | undefined>(widths).map(([name, width]) => [
      name,
      device.allocate(dtype, N * Number(width)),
    ]);
  return Object.fromEntries([...buffers(floats, "f32"), ...buffers(operands, device.facts.computeDType)]) as Record<
    Name,
    DeviceBuffer
  >;
}

/** Bytes per row, summed over all buffers. */
export function rowBytes<Name extends string>(
  { floats, operands }: RowWidths<Name>,
  computeDType: ComputeDType,
): number {
  const sum = (widths: RowWidths<Name>["floats"]) =>
    Object.values<number | undefined>(widths).reduce<number>((total, width) => total + Number(width), 0);
  return bytesPerElement("f32") * sum(floats) + bytesPerElement(computeDType) * sum(operands);
}
