// Shared by the forward and backward of attention: query rows of a key/value head, tiles of products, exponentials.
//
// A task owns (part of) one key/value head of one sequence. The query heads that read it are rows of one matrix: row r
// is query r / group and head r % group of the group. So keys and values are packed once, and adjacent rows attend to
// nearly the same keys. Rows are processed in tiles, keys and columns in panels.
#pragma once
#include "attention-tiles.hpp"
#include "gemm.hpp"

namespace strata::STRATA_ISA {

struct Range {
  int64_t first, end;
};

constexpr int64_t roundUp(int64_t x, int64_t unit) { return ceilDivide(x, unit) * unit; }
constexpr int64_t roundDown(int64_t x, int64_t unit) { return x / unit * unit; }

STRATA_INLINE void zero(float* x, int64_t count) { std::memset(x, 0, static_cast<size_t>(count) * sizeof(float)); }

// The rows that read one key/value head of one sequence; offsets and indices are relative to row 0.
struct Rows {
  int64_t H, group, E;
  const int32_t *first, *end;

  int64_t query(int64_t r) const { return r / group; }
  int64_t head(int64_t r) const { return query(r) * H + r % group; }
  int64_t element(int64_t r) const { return head(r) * E; }
  Range keys(int64_t r) const { return {first[query(r)], end[query(r)]}; }
};

// The keys that at least one of the rows [begin, end) attends to.
STRATA_INLINE Range visibleRange(const Rows& rows, int64_t begin, int64_t end) {
  Range all = rows.keys(begin);
  for (int64_t q = rows.query(begin) + 1; q <= rows.query(end - 1); q++)
    all = {smaller(all.first, rows.first[q]), greater(all.end, rows.end[q])};
  return all;
}

// Queries [first, end) of part `part` of `parts`; each part has about as many pairs of a query and a visible key.
STRATA_INLINE Range shareOfQueries(const int32_t* first, const int32_t* end, int64_t queries, int64_t part,
                                   int64_t parts) {
  int64_t all = 0, sum = 0;
  for (int64_t q = 0; q < queries; q++) all += end[q] - first[q];
  Range share = {queries, queries};
  for (int64_t q = 0; q < queries; q++) {
    if (share.first == queries && sum * parts >= all * part) share.first = q;
    if (sum * parts >= all * (part + 1)) {
      share.end = q;
      break;
    }
    sum += end[q] - first[q];
  }
  return share;
}

// Calls use(type) with the element type as a compile-time constant.
template <typename Use>
STRATA_INLINE void withType(DType dtype, Use use) {
  if (dtype == DType::f32) use(std::integral_constant<DType, DType::f32>());
  else use(std::integral_constant<DType, DType::bf16>());
}

// Prefetches E elements: the rows of one head are not contiguous, so the hardware prefetcher misses them.
STRATA_INLINE void prefetch(Elements x, int64_t element, int64_t E) {
  const int64_t size = elementBytes(x.dtype);
  const char* from = static_cast<const char*>(x.data) + element * size;
  for (int64_t byte = 0; byte < E * size; byte += 64) __builtin_prefetch(from + byte);
}
STRATA_INLINE void prefetchForWriting(const float* x, int64_t E) {
  for (int64_t e = 0; e < E; e += 16) __builtin_prefetch(x + e, 1);
}
// Prefetches rows begin … begin + count, but none from `end` on.
STRATA_INLINE void prefetchRows(Elements x, const Rows& rows, int64_t begin, int64_t count, int64_t end) {
  for (int64_t r = begin; r < smaller(begin + count, end); r++) prefetch(x, rows.element(r), rows.E);
}
STRATA_INLINE void prefetchKeys(Elements x, Range keys, int64_t stride, int64_t E) {
  for (int64_t j = keys.first; j < keys.end; j++) prefetch(x, j * stride, E);
}

// Packs rows begin … begin + count of x as strips along E; the other rows of the tile are 0.
template <typename Tiles>
static void packRowStrips(float* to, Elements x, const Rows& rows, int64_t begin, int64_t count) {
  constexpr Product product = Tiles::product;
  withType(x.dtype, [&](auto type) {
    constexpr DType dtype = decltype(type)::value;
    for (int64_t i = 0; i < Tiles::rows; i++) {
      const int64_t from = i < count ? rows.element(begin + i) : 0;
      for (int64_t e = 0; e < rows.E; e += panelColumns) {
        float* strip = to + e / panelColumns * Tiles::stripSize + i * Tiles::stripWords;
        for (int64_t w = 0; w < Tiles::stripWords; w += W) {
          const int64_t at = e + w * elementsPerWord<product>, left = i < count ? rows.E - at : 0;
          // A full vector has a constant length, which avoids a copy through memory.
          if (left >= panelColumns) store(strip + w, loadWords<dtype, product>(x.data, from + at, panelColumns));
          else store(strip + w, left > 0 ? loadWords<dtype, product>(x.data, from + at, left) : vf{});
        }
      }
    }
  });
}

// Packs `count` rows of x, row i from element at(i), as panels of columns: words along the rows, 0 after the last row.
template <Product product, typename At>
static void packColumns(float* to, Elements x, int64_t count, int64_t words, int64_t E, At at) {
  withType(x.dtype, [&](auto type) {
    constexpr DType dtype = decltype(type)::value;
    for (int64_t w = 0; w < words; w++) {
      const int64_t i = w * elementsPerWord<product>;
      const int64_t row = i < count ? at(i) : 0, next = i + 1 < count ? at(i + 1) : 0;
      for (int64_t e = 0; e < E; e += W) {
        float* word = to + (e / panelColumns * words + w) * panelColumns + e % panelColumns;
        store(word, i < count ? joinWords<dtype, product>(x.data, row + e, next + e, i + 1 < count, E - e) : vf{});
      }
    }
  });
}

// Stores two vectors of adjacent elements as words of a row: 2 vectors, or 1 of pairs.
template <Product product>
STRATA_INLINE void storeRowWords(float* to, vf low, vf high) {
#if STRATA_PAIRS
  if constexpr (product == Product::pairs) return store(to, narrowBoth(high, low));
#endif
  store(to, product == Product::rounded ? roundToBf16(low) : low);
  store(to + W, product == Product::rounded ? roundToBf16(high) : high);
}

// 2^x to about 2e-7, 0 below −127, for x < 127; NaN stays NaN. x = n + r, |r| ≤ 1/2: a polynomial of degree 5 for 2^r
// (minimax, 1 at r = 0, relative error 9e-8), n added to its exponent. At −127 that gives the bits of 0.
STRATA_INLINE vf powerOfTwo(vf x) {
  x = larger(broadcast(-127.0f), x);
  const vf shifted = x + wholeNumbers;
  const vf r = x - (shifted - wholeNumbers);
  vf p = multiplyAdd(r, 1.3264745864e-3f, 9.6715125275e-3f);
  p = multiplyAdd(p, r, 5.5507336920e-2f);
  p = multiplyAdd(p, r, 2.4022242086e-1f);
  p = multiplyAdd(p, r, 6.9314697761e-1f);
  p = multiplyAdd(p, r, 1.0f);
  return (vf)((vi)p + ((vi)shifted << 23));
}
constexpr float log2e = 1.4426950408889634f, ln2 = 0.6931471805599453f;

// log x to about 1e-7 for normal x > 0; NaN stays NaN. x = 2^n · m, √½ ≤ m < √2, log m = 2 artanh((m − 1) / (m + 1)).
STRATA_INLINE vf logarithm(vf x) {
  const vi shifted = (vi)x - 0x3f3504f3, n = shifted >> 23;
  const vf m = (vf)((shifted & 0x7fffff) + 0x3f3504f3);
  const vf s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
  vf p = multiplyAdd(s2, 2.0f / 9, 2.0f / 7);
  p = multiplyAdd(p, s2, 2.0f / 5);
  p = multiplyAdd(p, s2, 2.0f / 3);
  p = multiplyAdd(p, s2, 2.0f);
  return multiplyAdd(p, s, __builtin_convertvector(n, vf) * ln2) + (x - x);
}

// All ones in the lanes of those keys j, j + 1, … that are in the range.
STRATA_INLINE vi seenLanes(int64_t j, Range keys) {
  const vi lane = laneNumbers();
  const int32_t from = static_cast<int32_t>(greater(-1, smaller(W, keys.first - j)));
  const int32_t to = static_cast<int32_t>(greater(-1, smaller(W, keys.end - j)));
  return (lane >= from) & (lane < to);
}

// Lane i of the result is lane i ^ half of x.
template <int half, int... lane>
STRATA_INLINE vf exchangeLanes(vf x, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(x, x, (lane ^ half)...);
}

// Sum or maximum of all lanes, by halves, without a round trip through memory.
template <int half, typename Join>
STRATA_INLINE float joinLanes(vf x, Join join) {
  if constexpr (half == 0) {
    return x[0];
  } else {
    const vf exchanged = exchangeLanes<half>(x, std::make_integer_sequence<int, W>());
    return joinLanes<half / 2>(join(x, exchanged), join);
  }
}
STRATA_INLINE float laneSum(vf x) {
  return joinLanes<W / 2>(x, [](vf a, vf b) { return a + b; });
}
STRATA_INLINE float laneMaximum(vf x) {
  return joinLanes<W / 2>(x, [](vf a, vf b) { return larger(a, b); });
}

// The memory of a task, divided into buffers.
class Workspace {
 public:
  Workspace(Pool& pool, int thread, int64_t floats) : next_(pool.scratch(thread, scores, floats)) {}
  float* take(int64_t floats) {
    float* piece = next_;
    next_ += floats;
    return piece;
  }

 private:
  float* next_;
};

}  // namespace strata::STRATA_ISA
