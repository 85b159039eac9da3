/** Flags of the compiler for every translation unit, before those of its kernels. */
export const common: readonly string[];
