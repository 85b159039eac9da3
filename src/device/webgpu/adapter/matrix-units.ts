import type { ComputeDType } from "../../kernels.js";

/** How the units for small matrices ("subgroup matrices", tensor cores) multiply: [M,K] · [K,N] with sums in f32. */
export interface MatrixUnits {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** Of the factors. */
  readonly component: "f16" | "f32";
  /** Invocations that multiply together. */
  readonly subgroup: number;
  /** Whether a shader must say so, because the adapter has several sizes. */
  readonly namesSize: boolean;
}

/** Subgroups of a workgroup. */
export const subgroups = 8;

const features = ["chromium-experimental-subgroup-matrix", "shader-f16", "subgroups"];

/** The features that shaders with such units need. */
function needed({ namesSize }: Pick<MatrixUnits, "namesSize">): readonly string[] {
  return namesSize ? [...features, "subgroup-size-control"] : features;
}

/** What Dawn adds to the facts of an adapter. */
interface MatrixInfo {
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
  readonly subgroupMatrixConfigs?: Iterable<{
    readonly M: number;
    readonly N: number;
    readonly K: number;
    readonly componentType: string;
    readonly resultComponentType: string;
  }>;
}

/** The units for products of a dtype; null if the adapter has none. Only f16 uses them: they have no bf16. */
export function matrixUnits(
  { features: has, info, limits }: GPUAdapter,
  computeDType: ComputeDType,
): MatrixUnits | null {
  const { subgroupMinSize, subgroupMaxSize, subgroupMatrixConfigs = [] } = info as unknown as MatrixInfo;
  const namesSize = subgroupMinSize !== subgroupMaxSize;
  if (computeDType !== "f16" || !needed({ namesSize }).every((name) => has.has(name))) return null;
  const threads = subgroups * subgroupMaxSize;
  if (threads > limits.maxComputeInvocationsPerWorkgroup || threads > limits.maxComputeWorkgroupSizeX) return null;
  // The objects of the package have getters, which a copy by spreading loses.
  const [best] = [...subgroupMatrixConfigs]
    .filter(({ resultComponentType }) => resultComponentType === "f32")
    .flatMap(({ M, N, K, componentType: component }): MatrixUnits[] =>
      component === "f16" || component === "f32" ? [{ M, N, K, component, subgroup: subgroupMaxSize, namesSize }] : [],
    )
    .sort((a, b) => preference(b) - preference(a));
  return best ?? null;
}

/** Units for f16 before those for f32, then the largest up to 16 × 16 × 16. */
function preference({ M, N, K, component }: MatrixUnits): number {
  const size = M * N * K;
  return (component === "f16" ? 1e6 : 0) + (Math.max(M, N, K) <= 16 ? size : -size);
}

/** What a device must be asked for, as it has names that are not in the standard. */
export function matrixFeatures(units: MatrixUnits | null): GPUFeatureName[] {
  return units === null ? [] : ([...needed(units)] as unknown as GPUFeatureName[]);
}

export function describeUnits({ M, N, K, component }: MatrixUnits): string {
  return `subgroup matrices ${M}×${N}×${K} in ${component}`;
}
