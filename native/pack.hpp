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

// Rows that lie side by side: row i at k is source[offset + k · kStride + i].
template <DType dtype, int panelRows>
static void packInterleaved(float* panel, const void* source, int64_t offset, int64_t kStride, int64_t rows, int64_t K) {
  for (int64_t k = 0; k < K; k++) {
    float* to = panel + k * panelRows;
    if (rows >= panelRows) {
#pragma GCC unroll 8
      for (int i = 0; i + W <= panelRows; i += W) store(to + i, loadElements<dtype>(source, offset + k * kStride + i, W));
      if constexpr (panelRows % W != 0) {
        constexpr int i = panelRows / W * W;
        storePart(to + i, loadElements<dtype>(source, offset + k * kStride + i, panelRows % W), panelRows % W);
      }
    } else {
      for (int64_t i = 0; i < panelRows; i++)
        to[i] = i < rows ? loadElements<dtype>(source, offset + k * kStride + i, 1)[0] : 0.0f;
    }
  }
}

template <int panelRows>
static void pack(float* panel, Elements source, int64_t offset, int64_t rowStride, int64_t kStride, int64_t rows, int64_t K) {
  const auto packAs = [&](auto type) {
    constexpr DType dtype = decltype(type)::value;
    if (kStride == 1) packContiguous<dtype, panelRows>(panel, source.data, offset, rowStride, rows, K);
    else packInterleaved<dtype, panelRows>(panel, source.data, offset, kStride, rows, K);
  };
  if (source.dtype == DType::f32) packAs(std::integral_constant<DType, DType::f32>());
  else if (source.dtype == DType::bf16) packAs(std::integral_constant<DType, DType::bf16>());
  else packAs(std::integral_constant<DType, DType::f16>());
}

}  // namespace strata::STRATA_ISA
