// What the forward and the backward of attention share.
#pragma once
#include "gemm.hpp"

namespace strata::STRATA_ISA {

constexpr int64_t queryBlock = 64;

struct Range {
  int64_t first, end;
};

// The keys that at least one of the rows sees.
STRATA_INLINE Range visibleRange(const int32_t* first, const int32_t* end, int64_t rows) {
  Range all = {first[0], end[0]};
  for (int64_t i = 1; i < rows; i++) all = {smaller(all.first, first[i]), greater(all.end, end[i])};
  return all;
}

STRATA_INLINE void zero(float* x, int64_t count) { std::memset(x, 0, static_cast<size_t>(count) * sizeof(float)); }

// row ← softmax(scale · row), in place; returns log Σ e^(scale · row).
STRATA_INLINE float softmaxRow(float* row, int64_t count, float scale) {
  vf most = broadcast(-INFINITY);
  int64_t j = 0;
  for (; j + W <= count; j += W) most = larger(load(row + j), most);
  float maximum = largestLane(most);
  for (; j < count; j++) maximum = row[j] > maximum ? row[j] : maximum;
  const float shift = maximum * scale;
  vf sum = {};
  for (j = 0; j + W <= count; j += W) {
    const vf e = exponential(load(row + j) * scale - shift);
    store(row + j, e);
    sum += e;
  }
  float total = sumLanes(sum);
  if (j < count) {
    storePart(row + j, exponential(loadPart(row + j, count - j) * scale - shift), count - j);
    for (; j < count; j++) total += row[j];
  }
  const float inverse = 1.0f / total;
  for (j = 0; j < count; j += W) storeUpTo(row + j, loadUpTo(row + j, count - j) * inverse, count - j);
  return shift + std::log(total);
}

}  // namespace strata::STRATA_ISA
