// Arithmetic of merging: every elementwise result is rounded to a dtype, to nearest even with subnormals, infinities
// and NaN, and no compiler may fuse a product with a sum (native/compile.mjs), so that all instruction sets and the
// TypeScript reference agree bit for bit.
#pragma once
#include "vector.hpp"

namespace strata::STRATA_ISA {

// f32 elements that a task works on at once; with a few inputs they stay in the first-level cache.
constexpr int64_t mergeBlock = 2048;
// Sums of many elements are made of sums of this many, in order.
constexpr int64_t mergeSumBlock = 4096;
constexpr int64_t mergeTask = 16384;
// A sum has this many lanes on every instruction set: lane l adds the elements l, l + 16, …
constexpr int mergeLanes = 16;

STRATA_INLINE vu bitsOf(vf x) { return (vu)x; }
STRATA_INLINE vu choose(vi condition, vu yes, vu no) { return ((vu)condition & yes) | (~(vu)condition & no); }

template <DType dtype>
STRATA_INLINE vf roundTo(vf x) {
  if constexpr (dtype == DType::bf16) {
    const vu bits = bitsOf(x), rounded = bits + 0x7fff + (bits >> 16 & 1);
    return (vf)(choose(x == x, rounded, bits | 0x400000) & 0xffff0000);
  } else if constexpr (dtype == DType::f16) {
    const vu bits = bitsOf(x), sign = bits & 0x80000000, magnitude = bits & 0x7fffffff;
    const vu rounded = (magnitude + 0xfff + (magnitude >> 13 & 1)) & ~0x1fffu;
    // Subnormal: adding 0.5 leaves the nearest multiple of 2^-24.
    const vu small = bitsOf(((vf)magnitude + 0.5f) - 0.5f);
    const vu infinite = vu{} + 0x7f800000, nan = (magnitude | 0x400000) & ~0x1fffu;
    vu result = choose((vi)(rounded >= 0x47800000), infinite, rounded);
    result = choose((vi)(magnitude < 0x38800000), small, result);
    return (vf)(choose(x == x, result, nan) | sign);
  } else {
    return x;
  }
}

// The bits of values that the dtype has.
template <DType dtype>
STRATA_INLINE vh bitsOfExact(vf x) {
  const vu bits = bitsOf(x);
  if constexpr (dtype == DType::bf16) return __builtin_convertvector(bits >> 16, vh);
  const vu magnitude = bits & 0x7fffffff;
  const vu small = bitsOf((vf)magnitude + 0.5f) - 0x3f000000;
  vu result = choose((vi)(magnitude < 0x38800000), small, (magnitude - 0x38000000) >> 13);
  // An infinity or NaN has the exponent 255, which becomes 31.
  result = choose((vi)(magnitude >= 0x7f800000), (magnitude >> 13 & 0x3ff) | 0x7c00, result);
  return __builtin_convertvector(result | (bits >> 16 & 0x8000), vh);
}

constexpr int mergeHalf = W / 2, mergeParts = mergeLanes / mergeHalf;

STRATA_INLINE double sumOfLanes(const vdHalf (&sum)[mergeParts]) {
  double total = 0;
  for (int part = 0; part < mergeParts; part++)
    for (int lane = 0; lane < mergeHalf; lane++) total += sum[part][lane];
  return total;
}

// The sum of products of two blocks of at most mergeSumBlock elements, padded with zeros to a multiple of mergeLanes.
STRATA_INLINE double productOf(const float* a, const float* b, int64_t n) {
  vdHalf sum[mergeParts] = {};
  for (int64_t i = 0; i < n; i += mergeLanes)
    for (int part = 0; part < mergeParts; part++) {
      const int64_t at = i + part * mergeHalf;
      sum[part] += loadWide(a + at) * loadWide(b + at);
    }
  return sumOfLanes(sum);
}

// productOf of a and a, of a and b, and of b and b, with each element converted once.
STRATA_INLINE void productsOfTwo(double* out, const float* a, const float* b, int64_t n) {
  vdHalf aa[mergeParts] = {}, ab[mergeParts] = {}, bb[mergeParts] = {};
  for (int64_t i = 0; i < n; i += mergeLanes)
    for (int part = 0; part < mergeParts; part++) {
      const int64_t at = i + part * mergeHalf;
      const vdHalf x = loadWide(a + at), y = loadWide(b + at);
      aa[part] += x * x;
      ab[part] += x * y;
      bb[part] += y * y;
    }
  out[0] = sumOfLanes(aa);
  out[1] = sumOfLanes(ab);
  out[2] = sumOfLanes(bb);
}

// Elements [from, from + n) as f32, followed by zeros to a multiple of mergeLanes.
static inline void widen(float* out, Elements x, int64_t from, int64_t n) {
  withDType(x.dtype, [&](auto stored) {
    for (int64_t i = 0; i < n; i += W) store(out + i, loadElements<decltype(stored)::value>(x.data, from + i, n - i));
  });
  for (int64_t i = n; i % mergeLanes != 0; i++) out[i] = 0.0f;
}

// How elements share factors, divisors and sums: the elements of a row, or those of a column.
struct Groups {
  int64_t rows, columns;
  bool ofColumns;
  int64_t count() const { return ofColumns ? columns : rows; }
};

// Calls body(begin, end, row) for pieces of at most mergeBlock elements of one row each, on all threads.
template <typename Body>
static inline void parallelPieces(Pool& pool, int64_t rows, int64_t columns, Body body) {
  parallelChunks(pool, rows * columns, mergeTask, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end;) {
      const int64_t row = i / columns, stop = smaller(smaller(end, (row + 1) * columns), i + mergeBlock);
      body(i, stop, row);
      i = stop;
    }
  });
}

}  // namespace strata::STRATA_ISA
