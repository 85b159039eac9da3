import { fromBf16, fromF16, toBf16, toF16 } from "../../../tensor/dtype.js";
import type { MergeDType } from "../merge-dtype.js";

const round: Record<MergeDType, (value: number) => number> = {
  f32: Math.fround,
  bf16: (value) => fromBf16(toBf16(value)),
  f16: (value) => fromF16(toF16(value)),
};

/** The nearest value of a dtype, by way of f32, ties to even. */
export function rounder(dtype: MergeDType): (value: number) => number {
  return round[dtype];
}

export function roundTo(dtype: MergeDType, value: number): number {
  return round[dtype](value);
}
