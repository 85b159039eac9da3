/** The dtypes in which a merge computes: every result of an elementwise operation is rounded to it. */
export type MergeDType = "f32" | "bf16" | "f16";

/** By their names in safetensors headers. */
export const mergeDTypes: Readonly<Record<string, MergeDType>> = { F32: "f32", BF16: "bf16", F16: "f16" };

/** The smallest dtype to which values of all these can be promoted. */
export function promoted(dtypes: readonly MergeDType[]): MergeDType {
  return dtypes.every((dtype) => dtype === dtypes[0]) ? dtypes[0] : "f32";
}
