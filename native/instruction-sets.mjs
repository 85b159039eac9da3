// Every instruction set that the kernels can multiply as: the only list. Builds, the addons and through them the device
// and `strata doctor` follow from it.

const avx2 = { flags: ["-mavx2", "-mfma"], needs: ["avx2", "fma"] };
/** Slow in any case; with more optimization these vectors take minutes to compile. */
const emulation = { ...avx2, flags: [...avx2.flags, "-O1", "-Wno-psabi"] };
const avx512 = {
  flags: "-mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mprefer-vector-width=512".split(" "),
  needs: [...avx2.needs, "avx512f", "avx512bw", "avx512vl", "avx512dq"],
};

/**
 * The kernels in machine code, each in its namespace.
 *
 * arch: of `process.arch`; null: every architecture without kernels in its own instructions
 * width: f32 lanes of a vector
 * pairs: whether it has an instruction for pairs of bf16
 * emulated: computes what a set with these vectors computes, without its instructions
 * flags: of the compiler
 * needs: features of the processor, in the words of __builtin_cpu_supports
 */
const kernels = [
  {
    name: "avx512bf16",
    arch: "x64",
    width: 16,
    pairs: true,
    emulated: false,
    flags: [...avx512.flags, "-mavx512bf16"],
    needs: [...avx512.needs, "avx512bf16"],
  },
  { name: "avx512", arch: "x64", width: 16, pairs: false, emulated: false, ...avx512 },
  { name: "avx2", arch: "x64", width: 8, pairs: false, emulated: false, ...avx2 },
  { name: "portable", arch: "x64", width: 4, pairs: false, emulated: false, flags: [], needs: [] },
  { name: "neon", arch: "arm64", width: 4, pairs: false, emulated: false, flags: [], needs: [] },
  { name: "portable", arch: null, width: 4, pairs: false, emulated: false, flags: [], needs: [] },
  { name: "emulatedAvx512bf16", arch: "x64", width: 16, pairs: true, emulated: true, ...emulation },
  { name: "emulatedAvx512", arch: "x64", width: 16, pairs: false, emulated: true, ...emulation },
];

/**
 * Instruction sets, fastest first. Those that occur twice can be emulated where their instructions are missing, slowly
 * and to the same bits: by an addon that is compiled when it is needed.
 *
 * kernels: their name
 * bf16: how bf16 operands are multiplied: rounded (to bf16, then multiplied as f32), in pairs, or large products by the
 *   tiles of AMX (those of f32, too, in parts) and others in pairs
 */
const sets = [
  { name: "amx", kernels: "avx512bf16", bf16: "tiles" },
  { name: "avx512bf16", kernels: "avx512bf16", bf16: "pairs" },
  { name: "avx512", kernels: "avx512", bf16: "rounded" },
  { name: "avx2", kernels: "avx2", bf16: "rounded" },
  { name: "neon", kernels: "neon", bf16: "rounded" },
  { name: "portable", kernels: "portable", bf16: "rounded" },
  { name: "amx", kernels: "emulatedAvx512bf16", bf16: "tiles" },
  { name: "avx512bf16", kernels: "emulatedAvx512bf16", bf16: "pairs" },
  { name: "avx512", kernels: "emulatedAvx512", bf16: "rounded" },
];

/**
 * The kernels that are compiled for an architecture.
 *
 * @param emulated  those of the addon that emulates, instead of the usual one
 */
export function kernelsOf(arch, emulated = false) {
  const own = kernels.filter((one) => one.arch === arch);
  const all = own.length > 0 ? own : kernels.filter((one) => one.arch === null);
  return all.filter((one) => one.emulated === emulated);
}

/** The macro that lists the kernels of an architecture for C++: `STRATA_NAMESPACE(name)` each. */
function namespacesDefinition(arch, emulated) {
  return `-DSTRATA_NAMESPACES=${kernelsOf(arch, emulated)
    .map(({ name }) => `STRATA_NAMESPACE(${name})`)
    .join(" ")}`;
}

/** The macro that lists the sets: `STRATA_SET(name, kernels, bf16, emulated, has)` each, fastest first. */
function setsDefinition(arch, emulated) {
  const compiled = new Map(kernelsOf(arch, emulated).map((one) => [one.name, one]));
  const entries = sets.flatMap(({ name, kernels: own, bf16 }) => {
    const found = compiled.get(own);
    if (found === undefined) return [];
    const has = found.needs.map((feature) => `STRATA_HAS("${feature}")`).join("&&") || "true";
    return [`STRATA_SET(${name},${own},${bf16},${found.emulated},${has})`];
  });
  return `-DSTRATA_SETS=${entries.join(" ")}`;
}

export function definitions(arch, emulated = false) {
  const hasTiles = Number(kernelsOf(arch, emulated).some(({ pairs }) => pairs) && !emulated);
  return [namespacesDefinition(arch, emulated), setsDefinition(arch, emulated), `-DSTRATA_HAS_TILES=${hasTiles}`];
}

/** The flags of one of the kernels. */
export function kernelFlags({ name, width, pairs, emulated, flags }) {
  const macros = { ISA: name, WIDTH: width, PAIRS: Number(pairs), EMULATED: Number(emulated) };
  return [...Object.entries(macros).map(([key, value]) => `-DSTRATA_${key}=${value}`), ...flags];
}
