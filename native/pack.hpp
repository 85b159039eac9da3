// Packing: a panel holds `rows` rows side by side, panel[k · rows + i] = source row i at k, converted to f32 and padded
// with zeros, so that the inner loop of the product reads one stream.
#pragma once
#include <utility>

#include "vector.hpp"

namespace strata::STRATA_ISA {

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

// Rows that are contiguous in k: transposes W×W blocks. Where a panel is narrower than a vector, the store of one k runs
// over into the next, which is written after it; the last one stays within the panel.
template <DType dtype, int panelRows>
static void packContiguous(float* panel, const void* source, int64_t offset, int64_t rowStride, int64_t rows, int64_t K) {
  for (int64_t i0 = 0; i0 < panelRows; i0 += W) {
    const int64_t part = smaller(W, panelRows - i0);
    for (int64_t k = 0; k < K; k += W) {
      vf block[W];
      const int64_t kPart = smaller(W, K - k);
#pragma GCC unroll 16
      for (int i = 0; i < W; i++)
        block[i] = i0 + i < rows ? loadElements<dtype>(source, offset + (i0 + i) * rowStride + k, kPart) : vf{};
      transposeStep<1>(block);
      float* to = panel + k * panelRows + i0;
      if (part == W || panelRows < W) {
#pragma GCC unroll 16
        for (int j = 0; j < W; j++)
          if (j < kPart) {
            if (part < W && k + j == K - 1) storePart(to + j * panelRows, block[j], part);
            else store(to + j * panelRows, block[j]);
          }
      } else {
        for (int j = 0; j < kPart; j++) storePart(to + j * panelRows, block[j], part);
      }
    }
  }
}

// Rows that lie side by side: row i at k is source[offset + k · kStride + i]. Takes several panels at a time, so that each
// line of the source is read once. Stores run over into the next k as above.
template <DType dtype, int panelRows>
static void packInterleaved(float* panel, const void* source, int64_t offset, int64_t kStride, int64_t rows, int64_t K) {
  constexpr int64_t whole = (panelRows + W - 1) / W * W;
  for (int64_t k = 0; k < K; k++)
    for (int64_t i0 = 0; i0 < rows; i0 += panelRows) {
      float* to = panel + i0 * K + k * panelRows;
      const int64_t from = offset + k * kStride + i0, left = rows - i0;
      if (left >= whole && (k + 1 < K || whole == panelRows)) {
#pragma GCC unroll 4
        for (int i = 0; i < whole; i += W) store(to + i, loadElements<dtype>(source, from + i, W));
      } else {
        for (int64_t i = 0; i < panelRows; i++) to[i] = i < left ? loadElements<dtype>(source, from + i, 1)[0] : 0.0f;
      }
    }
}

// Packs `rows` rows from element `offset` of the source: panel after panel, the last padded with zeros.
template <int panelRows>
static void pack(float* panel, Elements source, int64_t offset, int64_t rowStride, int64_t kStride, int64_t rows, int64_t K) {
  const auto packAs = [&](auto type) {
    constexpr DType dtype = decltype(type)::value;
    if (kStride != 1) return packInterleaved<dtype, panelRows>(panel, source.data, offset, kStride, rows, K);
    for (int64_t i = 0; i < rows; i += panelRows)
      packContiguous<dtype, panelRows>(panel + i * K, source.data, offset + i * rowStride, rowStride, rows - i, K);
  };
  if (source.dtype == DType::f32) packAs(std::integral_constant<DType, DType::f32>());
  else if (source.dtype == DType::bf16) packAs(std::integral_constant<DType, DType::bf16>());
  else packAs(std::integral_constant<DType, DType::f16>());
}

}  // namespace strata::STRATA_ISA
