import type { TaskVectorKernels } from "../../../core/task-vector-kernels.js";

/** The magnitude at a position of the ascending order of magnitudes. */
export interface SelectedMagnitude {
  /** Of the f32, without its sign. */
  readonly bits: number;
  /** How many elements have a smaller magnitude, and how many have this one. */
  readonly below: number;
  readonly equal: number;
}

/** What to look for in a stream of values. */
export interface Selection {
  /** In ascending order of magnitude, from 0. */
  readonly positions: readonly number[];
}

/**
 * Finds magnitudes by their positions without sorting, in one or two passes: the bits of positive f32 values are in the
 * order of the values, so that a count of their upper halves, and then of the lower ones, finds them.
 *
 * @param wanted   positions per stream of values
 * @param isShort  all lower halves are 0, as in bf16
 * @param pass     calls `visit` with all values of each stream, in any portions
 */
export function selectMagnitudes(
  kernels: Pick<TaskVectorKernels, "countMagnitudes">,
  wanted: readonly (readonly number[])[],
  isShort: boolean,
  pass: (visit: (stream: number, values: Float32Array) => void) => void,
): SelectedMagnitude[][] {
  const uppers = wanted.map(() => new Float64Array(1 << 15));
  pass((stream, values) => kernels.countMagnitudes(uppers[stream], values, null));
  const found = wanted.map((positions, stream) => positions.map((position) => findBin(uppers[stream], position)));
  if (isShort) return found.map((bins) => bins.map((bin) => ({ ...bin, bits: bin.index * 2 ** 16 })));
  const lowers = found.map((bins) => new Map(bins.map(({ index }) => [index, new Float64Array(1 << 16)])));
  pass((stream, values) => {
    for (const [upper, totals] of lowers[stream]) kernels.countMagnitudes(totals, values, upper);
  });
  return found.map((bins, stream) =>
    bins.map(({ index, below }, i) => {
      const bin = findBin(lowers[stream].get(index)!, wanted[stream][i] - below);
      return { bits: index * 2 ** 16 + bin.index, below: below + bin.below, equal: bin.equal };
    }),
  );
}

/** The bin with the element at a position of the ascending order. */
function findBin(counts: Float64Array, position: number) {
  let [index, below] = [0, 0];
  while (below + counts[index] <= position) below += counts[index++];
  return { index, below, equal: counts[index] };
}
