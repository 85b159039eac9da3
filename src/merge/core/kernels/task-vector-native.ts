/** The kernels of task vectors in the C++ addon. */
import { dtypeCode } from "../../../device/cpu/cpu-buffer.js";
import type { NativeAddon, NativeContext } from "../../../device/cpu/native-addon.js";
import type { MixOptions, TaskVectorKernels } from "../task-vector-kernels.js";
import { vectorOf } from "./task-vector-reference.js";

/** Codes in native/merge-task-vectors.cpp. */
const voteCode: Record<MixOptions["vote"], number> = { none: 0, weighted: 1, changes: 2 };
const divisionCode: Record<MixOptions["division"], number> = { none: 0, fixed: 1, elected: 2 };

export function nativeTaskVectorKernels(addon: NativeAddon, context: NativeContext): TaskVectorKernels {
  return { ...drops(addon, context), ...sums(addon, context), ...mixes(addon, context) };
}

type Part<Names extends keyof TaskVectorKernels> = Pick<TaskVectorKernels, Names>;

function drops(
  addon: NativeAddon,
  context: NativeContext,
): Part<"countMagnitudes" | "keepRange" | "keepWhere" | "fillWords" | "keepAtRandom" | "keepByRank"> {
  return {
    countMagnitudes(totals, values, upper) {
      addon.mergeCountMagnitudes(context, totals, values, upper ?? -1, values.length);
    },
    keepRange(values, { low, lowFirst, lowEnd, high, highEnd }, seen) {
      const counts = Float64Array.of(seen.low, seen.high);
      addon.mergeKeepRange(
        context,
        values,
        Float64Array.of(low, lowFirst, lowEnd, high, highEnd),
        counts,
        values.length,
      );
      [seen.low, seen.high] = counts;
    },
    keepWhere(values, mask) {
      addon.mergeKeepWhere(context, values, mask, values.length);
    },
    fillWords(state, out, count) {
      addon.mergeFillWords(context, state, out, count);
    },
    keepAtRandom(values, words, bound) {
      addon.mergeKeepAtRandom(context, values, words, bound, values.length);
    },
    keepByRank(values, words, bounds, stride) {
      addon.mergeKeepByRank(context, values, words, bounds, bounds.length, stride, values.length);
    },
  };
}

function sums(
  addon: NativeAddon,
  context: NativeContext,
): Part<"magnitudeSum" | "squareSum" | "scale" | "variance" | "countShared"> {
  return {
    magnitudeSum(values) {
      const sum = new Float64Array(1);
      addon.mergeMagnitudeSum(context, sum, values, values.length);
      return sum[0];
    },
    squareSum(values, dtype) {
      const sum = new Float64Array(1);
      addon.mergeSquareSum(context, sum, values, dtypeCode[dtype], values.length);
      return sum[0];
    },
    scale(values, factor, dtype) {
      addon.mergeScale(context, values, factor, dtypeCode[dtype], values.length);
    },
    variance(changes, inputs, dtype) {
      const out = new Float32Array(changes.length / inputs);
      addon.mergeVariance(context, out, changes, inputs, dtypeCode[dtype], out.length);
      return out;
    },
    countShared(totals, changes, epsilon) {
      const inputs = totals.length / 2;
      addon.mergeCountShared(context, totals, changes, inputs, epsilon, changes.length / inputs);
    },
  };
}

function mixes(addon: NativeAddon, context: NativeContext): Part<"mixChanges" | "mixShared"> {
  return {
    mixChanges(base, changes, { weights, vote, division, divisor, lambda }, dtype, out) {
      const result = vectorOf(base.length, out);
      addon.mergeMix(
        context,
        result,
        base,
        changes,
        Float32Array.from(weights),
        weights.length,
        voteCode[vote],
        divisionCode[division],
        divisor,
        lambda,
        dtypeCode[dtype],
        result.length,
      );
      return result;
    },
    mixShared(base, changes, epsilon, factors, dtype, out) {
      const result = vectorOf(base.length, out);
      const inputs = changes.length / base.length;
      const own = factors === null ? null : Float32Array.from(factors);
      addon.mergeMixShared(context, result, base, changes, own, inputs, epsilon, dtypeCode[dtype], result.length);
      return result;
    },
  };
}
