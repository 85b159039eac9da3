// Packing: a panel interleaves `rows` rows, panel[k · rows + i] = row i at k, padded with zeros, so that the inner loop
// of the product reads one stream of 32-bit words. A word is one f32, or two bf16: elements 2k and 2k + 1 of
// the row.
#pragma once
#include <utility>

#include "vector.hpp"

namespace strata::STRATA_ISA {

// The operands of a product: f32; f32 rounded to bf16, if the processor has no bf16 products; pairs of bf16; pairs of
// what rounding to bf16 leaves of f32, and of what rounding that leaves.
enum class Product { f32, rounded, pairs, rest, lastRest };

template <Product product>
constexpr int64_t elementsPerWord = product >= Product::pairs ? 2 : 1;
template <Product product>
constexpr int64_t wordsOf(int64_t elements) {
  return ceilDivide(elements, elementsPerWord<product>);
}

// Rows of an operand, packed or where they are: row i of step k is `row` · i + `step` · k bytes after the first. A step
// is a word, or a block of a matrix tile.
struct OperandRows {
  const void* first;
  int64_t row, step;
};

// sum + a · b for words; with pairs, both products of a word are added.
template <Product product>
STRATA_INLINE vf addProduct(vf sum, vf a, vf b) {
#if STRATA_PAIRS
  if constexpr (product == Product::pairs) return addPairs(sum, a, b);
#endif
  return multiplyAdd(a, b, sum);
}

#if STRATA_PAIRS
// What is to be rounded to pairs: x = pairs + rest + lastRest, each rounded to bf16, exactly unless x is near the
// limits of f32's range; the rests of infinity and NaN are 0.
template <Product product>
STRATA_INLINE vf partOf(vf x) {
  if constexpr (product == Product::pairs) return x;
  const vf rounded = roundToBf16(x), rest = rounded - rounded == vf{} ? x - rounded : vf{};
  return product == Product::rest ? rest : rest - roundToBf16(rest);
}
#endif

// W words from index i of a contiguous row; n ≥ 1 elements remain.
template <DType dtype, Product product>
STRATA_INLINE vf loadWords(const void* data, int64_t i, int64_t n) {
  if constexpr (product == Product::f32) return loadElements<dtype>(data, i, n);
  if constexpr (product == Product::rounded) {
    const vf x = loadElements<dtype>(data, i, n);
    return dtype == DType::bf16 ? x : roundToBf16(x);
  }
#if STRATA_PAIRS
  if constexpr (dtype == DType::bf16) {
    vf x = {};
    const char* from = static_cast<const char*>(data) + i * 2;
    if (n >= 2 * W) std::memcpy(&x, from, sizeof x);
    else std::memcpy(&x, from, static_cast<size_t>(n) * 2);
    return x;
  } else {
    const vf low = loadElements<dtype>(data, i, n), high = n > W ? loadElements<dtype>(data, i + W, n - W) : vf{};
    return narrowBoth(partOf<product>(high), partOf<product>(low));
  }
#endif
}

// W words from elements that are adjacent for different rows: those at i and, as second halves, those at `next`, 0 if
// there are none; n ≥ 1 rows remain.
template <DType dtype, Product product>
STRATA_INLINE vf joinWords(const void* data, int64_t i, [[maybe_unused]] int64_t next, [[maybe_unused]] bool hasNext,
                           int64_t n) {
  if constexpr (product < Product::pairs) return loadWords<dtype, product>(data, i, n);
#if STRATA_PAIRS
  if constexpr (dtype == DType::bf16) {
    return interleaveHalves(joinHalves(loadBits(data, i, n), hasNext ? loadBits(data, next, n) : vh{}));
  } else {
    const vf low = loadElements<dtype>(data, i, n), high = hasNext ? loadElements<dtype>(data, next, n) : vf{};
    return interleaveHalves(narrowBoth(partOf<product>(high), partOf<product>(low)));
  }
#endif
}

// Lane l of the low result: a[l] where bit S of l is clear, else b[l − S]; of the high one: a[l + S], else b[l].
template <int S, int... L>
STRATA_INLINE void exchange(vf& a, vf& b, std::integer_sequence<int, L...>) {
  const vf low = __builtin_shufflevector(a, b, ((L & S) ? W + L - S : L)...);
  const vf high = __builtin_shufflevector(a, b, ((L & S) ? W + L : L + S)...);
  a = low;
  b = high;
}
template <int S>
STRATA_INLINE void transposeStep(vf (&x)[W]) {
  if constexpr (S < W) {
#pragma GCC unroll 16
    for (int i = 0; i < W; i++)
      if (!(i & S)) exchange<S>(x[i], x[i + S], std::make_integer_sequence<int, W>());
    transposeStep<S * 2>(x);
  }
}

// Rows that are contiguous in k: transposes W×W blocks. If a panel is narrower than a vector, the store of one k
// extends into the next k, which is written after it; the last store stays inside the panel.
template <DType dtype, Product product, int panelRows>
static void packContiguous(float* panel, const void* source, int64_t offset, int64_t rowStride, int64_t rows,
                           int64_t K) {
  const int64_t words = wordsOf<product>(K);
  for (int64_t i0 = 0; i0 < panelRows; i0 += W) {
    const int64_t part = smaller(W, panelRows - i0);
    for (int64_t k = 0; k < words; k += W) {
      vf block[W];
      const int64_t first = k * elementsPerWord<product>, kPart = smaller(W, words - k);
#pragma GCC unroll 16
      for (int i = 0; i < W; i++)
        block[i] =
            i0 + i < rows ? loadWords<dtype, product>(source, offset + (i0 + i) * rowStride + first, K - first) : vf{};
      transposeStep<1>(block);
      float* to = panel + k * panelRows + i0;
      if (part == W || panelRows < W) {
#pragma GCC unroll 16
        for (int j = 0; j < W; j++)
          if (j < kPart) {
            if (part < W && k + j == words - 1) storePart(to + j * panelRows, block[j], part);
            else store(to + j * panelRows, block[j]);
          }
      } else {
        for (int j = 0; j < kPart; j++) storePart(to + j * panelRows, block[j], part);
      }
    }
  }
}

// Of memory, and the distance at which lines share a set of the L1 cache.
constexpr int64_t pageBytes = 4096;
// How far ahead a packing that reads many lines in turn fetches them: the processor follows fewer by itself.
constexpr int64_t elementsAhead = 128;

// Adjacent rows: row i at k is source[offset + k · kStride + i]. Packs words begin … end of all panels. Stores extend
// into the next word as above, but not past `end`. `wordsAtOnce` words follow each other in a panel before the next
// panel.
template <DType dtype, Product product, int panelRows, int wordsAtOnce>
static void packInterleaved(float* panels, const void* source, int64_t offset, int64_t kStride, int64_t rows, int64_t K,
                            int64_t panelWords, int64_t begin, int64_t end) {
  constexpr int64_t whole = (panelRows + W - 1) / W * W, lines = elementsPerWord<product>;
  const auto join = [=](int64_t from, bool hasNext, int64_t n) {
    return joinWords<dtype, product>(source, from, from + kStride, hasNext, n);
  };
  // A word of rows that fill the panel; if it is not whole vectors, another word follows.
  const auto packInside = [=](float* to, int64_t from, bool hasNext, int64_t fetched) {
    for (int64_t line = 0; wordsAtOnce > 1 && line < lines; line++)
      __builtin_prefetch(elementsFrom({source, dtype}, from + line * kStride + fetched).data);
#pragma GCC unroll 4
    for (int64_t i = 0; i < whole; i += W) store(to + i, join(from + i, hasNext, W));
  };
  const auto packWord = [=](float* to, int64_t from, int64_t k, int64_t left) {
    const bool hasNext = k * lines + 1 < K;
    if (k + 1 < end && kStride >= W) {
      // Another line of the source follows, so whole vectors can be read.
      for (int64_t i = 0; i < whole; i += W)
        store(to + i, i < left ? firstLanes(join(from + i, hasNext, W), left - i) : vf{});
    } else {
      for (int64_t i = 0; i < panelRows; i += W) {
        const int64_t here = smaller(W, panelRows - i), exist = smaller(here, left - i);
        storePart(to + i, exist > 0 ? join(from + i, hasNext, exist) : vf{}, here);
      }
    }
  };
  for (int64_t k0 = begin; k0 < end; k0 += wordsAtOnce)
    for (int64_t i0 = 0; i0 < rows; i0 += panelRows) {
      const int64_t left = rows - i0;
      float* to = panels + i0 * panelWords + k0 * panelRows;
      const int64_t from = offset + k0 * lines * kStride + i0;
      const int64_t next = k0 + wordsAtOnce;
      if (left >= whole && (next < end || (whole == panelRows && next == end))) {
        // At the end of a line the beginning of the next one that will be read.
        const int64_t fetched =
            elementsAhead < left ? elementsAhead : wordsAtOnce * lines * kStride + elementsAhead - rows;
#pragma GCC unroll 8
        for (int64_t k = 0; k < wordsAtOnce; k++)
          packInside(to + k * panelRows, from + k * lines * kStride, next * lines <= K, fetched);
      } else {
        for (int64_t k = 0; k < smaller(wordsAtOnce, end - k0); k++)
          packWord(to + k * panelRows, from + k * lines * kStride, k0 + k, left);
      }
    }
}

// A matrix to pack: `rows` rows of K elements from element `offset` of the source, panel after panel, the last one
// padded with zeros. It is packed by `tasks` tasks that write disjoint memory.
template <Product product, int panelRows>
struct Packing {
  float* panels;
  Elements source;
  int64_t offset, rowStride, kStride, rows, K;
  // Of a row in a panel, at least those of its elements; zeros follow.
  int64_t words = wordsOf<product>(K);
  // From one panel to the next.
  int64_t panelWords = words;

  // A task packs a few panels if rows are contiguous, otherwise some words of all panels.
  static constexpr int64_t panelsPerTask = 4, wordsPerTask = 64;
  int64_t tasks() const {
    return kStride == 1 ? ceilDivide(rows, panelsPerTask * panelRows) : ceilDivide(words, wordsPerTask);
  }
  void run(int64_t task) const {
    withDType(source.dtype, [&](auto dtype) { runAs<decltype(dtype)::value>(task); });
  }
  template <DType dtype>
  void runAs(int64_t task) const {
    const int64_t own = wordsOf<product>(K);
    if (kStride != 1) {
      const int64_t begin = task * wordsPerTask, end = smaller(words, begin + wordsPerTask);
      // Several words complete the lines of a panel whose words are not whole vectors; but lines of the source on pages
      // of their own share a set of the L1 cache.
      if (panelRows % W != 0 && kStride * elementBytes(dtype) % pageBytes != 0)
        packInterleaved<dtype, product, panelRows, 8>(panels, source.data, offset, kStride, rows, K, panelWords, begin,
                                                      smaller(end, own));
      else
        packInterleaved<dtype, product, panelRows, 1>(panels, source.data, offset, kStride, rows, K, panelWords, begin,
                                                      smaller(end, own));
      for (int64_t i = 0; i < rows; i += panelRows) fillZeros(i, greater(begin, own), end);
      return;
    }
    const int64_t begin = task * panelsPerTask * panelRows, end = smaller(rows, begin + panelsPerTask * panelRows);
    for (int64_t i = begin; i < end; i += panelRows) {
      packContiguous<dtype, product, panelRows>(panels + i * panelWords, source.data, offset + i * rowStride, rowStride,
                                                rows - i, K);
      fillZeros(i, own, words);
    }
  }
  // Words begin … end of the panel that starts with this row.
  void fillZeros(int64_t row, int64_t begin, int64_t end) const {
    float* panel = panels + row * panelWords;
    for (int64_t at = begin * panelRows; at < end * panelRows; at++) panel[at] = 0;
  }
};

// Packs everything on the calling thread.
template <Product product, int panelRows>
static void pack(float* panels, Elements source, int64_t offset, int64_t rowStride, int64_t kStride, int64_t rows,
                 int64_t K, int64_t words) {
  const Packing<product, panelRows> packing = {panels, source, offset, rowStride, kStride, rows, K, words};
  for (int64_t task = 0; task < packing.tasks(); task++) packing.run(task);
}

}  // namespace strata::STRATA_ISA
