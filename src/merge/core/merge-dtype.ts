/** The dtypes in which a merge computes: every result of an elementwise operation is rounded to it. */
export type MergeDType = "f32" | "bf16" | "f16";
