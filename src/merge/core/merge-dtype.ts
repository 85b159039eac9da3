/** The dtypes in which a merge computes: every result of an elementwise operation is rounded to it. */
export type MergeDType = "f32" | "bf16" | "f16";

/** Their names in safetensors headers. */
export const dtypeTags: Readonly<Record<MergeDType, string>> = { f32: "F32", bf16: "BF16", f16: "F16" };
/** By those names. */
export const mergeDTypes: Readonly<Record<string, MergeDType>> = { F32: "f32", BF16: "bf16", F16: "f16" };

/** The smallest dtype to which values of all these can be promoted. */
export function promoted(dtypes: readonly MergeDType[]): MergeDType {
  return dtypes.every((dtype) => dtype === dtypes[0]) ? dtypes[0] : "f32";
}
