import type { GpuBuffer } from "./gpu-buffer.js";
import type { BindingShape, ScalarType, ShaderText } from "./shader.js";

/** A shader for buffers of any dtype. */
export interface Program<Name extends string = string, Scalar extends string = string> {
  readonly name: string;
  /** Buffers in order, and whether the shader writes them. */
  readonly buffers: Readonly<Record<Name, "read" | "write">>;
  /** Numbers in order. */
  readonly scalars: Readonly<Record<Scalar, ScalarType>>;
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /**
   * @param bindings  the buffers of the call
   * @param variant   what else differs between the pipelines of one program, such as sizes of arrays
   */
  readonly source: (bindings: readonly BindingShape[], variant: string) => ShaderText;
}

export interface Dispatch<Name extends string, Scalar extends string> {
  /** Buffers by name; those that the variant does not use are left out. */
  readonly buffers: Readonly<Partial<Record<Name, GpuBuffer | null>>>;
  readonly scalars: Readonly<Record<Scalar, number>>;
  /** The numbers `length` and `start` of a program over elements. */
  readonly range?: Readonly<Record<string, number>>;
  readonly variant?: string;
  /** Buffers whose elements are accessed as aligned groups of four, where the slice allows it. */
  readonly wide?: readonly Name[];
  /** Whether all stores are of pairs at an even index, where the slice allows it. */
  readonly pairs?: boolean;
  readonly workgroups: number;
  /** Floating-point operations, or what takes as long. */
  readonly work: number;
}
