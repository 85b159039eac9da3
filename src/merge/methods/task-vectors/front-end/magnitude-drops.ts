import { plural } from "../../../../text/plural.js";
import { mergeError } from "../../../core/check-inputs.js";
import type { MergeInput, TensorToMerge } from "../../../core/method.js";
import { noMagnitude, type MagnitudeRange } from "../../../core/task-vector-kernels.js";
import { changeBlocks } from "./changes.js";
import { dropAll, isDropping, type Drop, type DropRule } from "./drop.js";
import { gamma } from "./parameters.js";
import { selectMagnitudes, type SelectedMagnitude } from "./select-magnitudes.js";

/** Keeps the largest changes of a tensor; of equal ones at the cut, those of the lower indices. */
export const dropSmallest: DropRule = {
  inputParameters: {},
  unit: () => 1,
  normDType: (dtype) => dtype,
  check(tensor, method) {
    const { inputs, length } = tensor;
    for (const { label, values } of inputs.filter(isDropping)) {
      if (length === 0 || Math.trunc(values.density * length) > 0) continue;
      throw mergeError(tensor, method, {
        expected: "a density that keeps at least one element",
        got: `density ${values.density} of ${plural(length, "element")} for ${label}`,
        hint: "Increase `density`, or set it to 1 for small tensors with a filter.",
      });
    }
  },
  prepare(tensor) {
    return dropOutside(tensor, ({ values }) => {
      const kept = Math.trunc(values.density * tensor.length);
      return { positions: [tensor.length - kept], range: ([cut]) => largest(cut, tensor.length, kept) };
    });
  },
};

/** Drops the largest changes of a tensor as outliers, and the smallest up to the density. */
export const dropOutliersAndSmallest: DropRule = {
  inputParameters: { gamma },
  unit: () => 1,
  normDType: (dtype) => dtype,
  check: () => {},
  prepare(tensor) {
    return dropOutside(tensor, (input) => {
      const { bottom, top } = outlierCounts(input, tensor.length);
      if (top === 0) noteWithoutOutliers(tensor, input);
      if (bottom + top >= tensor.length || (top === 0 && tensor.isCompatible)) return null;
      const positions = top === 0 ? [bottom] : [bottom, tensor.length - top];
      return { positions, range: ([low, high]) => between(low, high, bottom, tensor.length - top) };
    });
  },
};

function outlierCounts({ values }: MergeInput, length: number) {
  const target = Math.trunc(values.density * length);
  const top = Math.trunc(values.gamma * length);
  const bottom = length - target - top;
  return bottom < 0 ? { bottom: 0, top: top + bottom } : { bottom, top };
}

function noteWithoutOutliers({ isCompatible, note }: TensorToMerge, { values }: MergeInput): void {
  note(
    isCompatible
      ? `gamma ${values.gamma} of the elements of small tensors is less than one: their whole change is dropped`
      : `gamma ${values.gamma} of the elements of small tensors is less than one: no outlier is dropped in them ` +
          "(mergekit drops their whole change, as does --mergekit-compat)",
  );
}

interface Keep {
  readonly positions: readonly number[];
  range(found: readonly SelectedMagnitude[]): MagnitudeRange;
}

/** @param keepOf  what is kept of the change of an input whose density is below 1; null: nothing */
function dropOutside(tensor: TensorToMerge, keepOf: (input: MergeInput) => Keep | null): Drop[] {
  const { inputs, kernels, dtype } = tensor;
  if (tensor.length === 0) return inputs.map(() => null);
  const keeps = new Map(inputs.filter(isDropping).map((input) => [input, keepOf(input)]));
  const searching = [...keeps].flatMap(([input, keep]) => (keep === null ? [] : [{ input, keep }]));
  const found = selectMagnitudes(
    kernels,
    searching.map(({ keep }) => keep.positions),
    dtype === "bf16",
    (visit) => {
      const readers = searching.map(({ input }) => input);
      if (readers.length === 0) return;
      for (const { rows } of changeBlocks(tensor, readers)) for (const [i, row] of rows.entries()) visit(i, row);
    },
  );
  const ranges = new Map(searching.map(({ input, keep }, i) => [input, keep.range(found[i])]));
  return inputs.map((input) => {
    const range = ranges.get(input);
    if (range === undefined) return keeps.has(input) ? dropAll : null;
    return () => {
      const seen = { low: 0, high: 0 };
      return (change) => kernels.keepRange(change, range, seen);
    };
  });
}

/** The range of the largest elements; of equal ones at the cut, the first are inside. */
export function largest({ bits, below, equal }: SelectedMagnitude, length: number, kept: number): MagnitudeRange {
  return { low: bits, lowFirst: 0, lowEnd: kept - (length - below - equal), high: noMagnitude, highEnd: 0 };
}

/**
 * The range of positions [from, end); of equal elements at a cut, those of the lower indices are inside.
 *
 * @param high  at `end`; undefined if it is the number of elements
 */
function between(
  low: SelectedMagnitude,
  high: SelectedMagnitude | undefined,
  from: number,
  end: number,
): MagnitudeRange {
  const lowEnd = low.below + low.equal - from;
  if (high === undefined) return { low: low.bits, lowFirst: 0, lowEnd, high: noMagnitude, highEnd: 0 };
  if (high.bits === low.bits) return { low: low.bits, lowFirst: 0, lowEnd: end - from, high: high.bits, highEnd: 0 };
  return { low: low.bits, lowFirst: 0, lowEnd, high: high.bits, highEnd: end - high.below };
}
