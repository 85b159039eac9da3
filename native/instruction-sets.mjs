// Every instruction set that the kernels are compiled for, fastest first within an architecture: the only list. Builds,
// the addon and through it the device and `strata doctor` follow from it.

/**
 * arch: of `process.arch`; null: every architecture without a set of its own
 * width: f32 lanes of a vector
 * flags: of the compiler
 * needs: features of the processor, in the words of __builtin_cpu_supports
 * multipliesBf16: whether it multiplies bf16 operands; otherwise they are rounded and multiplied as f32
 */
const avx2 = { flags: ["-mavx2", "-mfma"], needs: ["avx2", "fma"] };
const avx512 = {
  flags: "-mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mprefer-vector-width=512".split(" "),
  needs: [...avx2.needs, "avx512f", "avx512bw", "avx512vl", "avx512dq"],
};
const instructionSets = [
  {
    name: "avx512bf16",
    arch: "x64",
    width: 16,
    flags: [...avx512.flags, "-mavx512bf16"],
    needs: [...avx512.needs, "avx512bf16"],
    multipliesBf16: true,
  },
  { name: "avx512", arch: "x64", width: 16, ...avx512, multipliesBf16: false },
  { name: "avx2", arch: "x64", width: 8, ...avx2, multipliesBf16: false },
  { name: "portable", arch: "x64", width: 4, flags: [], needs: [], multipliesBf16: false },
  { name: "neon", arch: "arm64", width: 4, flags: [], needs: [], multipliesBf16: false },
  { name: "portable", arch: null, width: 4, flags: [], needs: [], multipliesBf16: false },
];

/** The sets that are compiled for an architecture, fastest first. */
export function setsOf(arch) {
  const own = instructionSets.filter((set) => set.arch === arch);
  return own.length > 0 ? own : instructionSets.filter((set) => set.arch === null);
}

/** The macro that lists the sets of an architecture for C++: `STRATA_SET(name, multipliesBf16, available)` each. */
export function setsDefinition(arch) {
  const available = ({ needs }) => needs.map((feature) => `STRATA_HAS("${feature}")`).join("&&") || "true";
  const entries = setsOf(arch).map((set) => `STRATA_SET(${set.name},${set.multipliesBf16},${available(set)})`);
  return `-DSTRATA_SETS=${entries.join(" ")}`;
}
