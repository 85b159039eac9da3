export interface NativeKernels {
  readonly name: string;
  readonly arch: string | null;
  readonly width: number;
  readonly pairs: boolean;
  readonly emulated: boolean;
  readonly flags: readonly string[];
  readonly needs: readonly string[];
}
export function kernelsOf(arch: string, emulated?: boolean): readonly NativeKernels[];
export function kernelFlags(kernels: NativeKernels): readonly string[];
export function definitions(arch: string, emulated?: boolean): readonly string[];
