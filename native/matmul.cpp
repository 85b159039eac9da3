// The three products of a linear layer, with x [N,I], w [O,I], y [N,O]:
// y = x·wᵀ, dx = dy·w, dw = dyᵀ·x.
#include "gemm.hpp"

namespace strata::STRATA_ISA {
namespace {

// Few rows (generation): w is read once and used where it is, row by row; packing it would cost more than the product.
constexpr int64_t fewRows = 32;
constexpr int dotRows = 4, dotOutputs = 4;

// out[n, o] for up to dotRows rows of x and dotOutputs rows of w.
template <DType dtype, int rows>
STRATA_INLINE void dots(float* out, const float* x, const void* w, const float* residual, int64_t o, int64_t outputs,
                        int64_t I, int64_t O) {
  vf sum[rows][dotOutputs] = {};
  for (int64_t i = 0; i < I; i += W) {
    const int64_t part = smaller(W, I - i);
    vf weights[dotOutputs];
#pragma GCC unroll 4
    for (int j = 0; j < dotOutputs; j++)
      weights[j] = loadElements<dtype>(w, (o + smaller(j, outputs - 1)) * I + i, part);
#pragma GCC unroll 4
    for (int n = 0; n < rows; n++) {
      const vf inputs = loadUpTo(x + n * I + i, part);
#pragma GCC unroll 4
      for (int j = 0; j < dotOutputs; j++) sum[n][j] += inputs * weights[j];
    }
  }
  for (int n = 0; n < rows; n++)
    for (int j = 0; j < outputs; j++)
      out[n * O + o + j] = sumLanes(sum[n][j]) + (residual != nullptr ? residual[n * O + o + j] : 0.0f);
}

template <DType dtype>
void matmulFewRows(Pool& pool, float* out, const float* x, const void* w, const float* residual, int64_t N, int64_t I,
                   int64_t O) {
  const int64_t chunk = greater(dotOutputs, ceilDivide(32768 / greater(1, I), dotOutputs) * dotOutputs);
  parallelChunks(pool, O, chunk, [=](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o += dotOutputs)
      for (int64_t n = 0; n < N; n += dotRows) {
        const int64_t outputs = smaller(dotOutputs, end - o);
        const float* start = residual != nullptr ? residual + n * O : nullptr;
        float* to = out + n * O;
        const float* from = x + n * I;
        switch (smaller(dotRows, N - n)) {
          case 1: dots<dtype, 1>(to, from, w, start, o, outputs, I, O); break;
          case 2: dots<dtype, 2>(to, from, w, start, o, outputs, I, O); break;
          case 3: dots<dtype, 3>(to, from, w, start, o, outputs, I, O); break;
          default: dots<dtype, 4>(to, from, w, start, o, outputs, I, O);
        }
      }
  });
}

}  // namespace

void matmul(Pool& pool, float* out, const float* x, Elements w, const float* residual, int64_t N, int64_t I, int64_t O) {
  if (N > fewRows) return gemm(pool, {N, O, I, x, I, 1, w, 1, I, out, O, residual});
  if (w.dtype == DType::f32) return matmulFewRows<DType::f32>(pool, out, x, w.data, residual, N, I, O);
  if (w.dtype == DType::bf16) return matmulFewRows<DType::bf16>(pool, out, x, w.data, residual, N, I, O);
  matmulFewRows<DType::f16>(pool, out, x, w.data, residual, N, I, O);
}

void matmulInputGradient(Pool& pool, float* dx, const float* dy, Elements w, bool accumulate, int64_t N, int64_t I,
                         int64_t O) {
  gemm(pool, {N, I, O, dy, O, 1, w, I, 1, dx, I, accumulate ? dx : nullptr});
}

void matmulWeightGradient(Pool& pool, float* dw, const float* dy, const float* x, int64_t N, int64_t I, int64_t O) {
  gemm(pool, {O, I, N, dy, 1, O, {x, DType::f32}, I, 1, dw, I, dw});
}

}  // namespace strata::STRATA_ISA
