// The three products of a linear layer, with x [N,I], w [O,I], y [N,O]:
// y = x·wᵀ, dx = dy·w, dw = dyᵀ·x.
#include "gemm.hpp"

namespace strata::STRATA_ISA {
namespace {

// Few rows (generation): w is read once and used where it is, row by row; packing it would cost more than the product.
constexpr int64_t fewRows = 32;
constexpr int dotRows = 4, dotOutputs = 4;

// out[n, o] for up to dotRows rows of x, rounded already, and dotOutputs rows of w.
template <DType dtype, bool roundWeights, int rows>
STRATA_INLINE void dots(MutableElements out, const float* x, const void* w, const float* residual, int64_t at, int64_t o,
                        int64_t outputs, int64_t I, int64_t O) {
  vf sum[rows][dotOutputs] = {};
  for (int64_t i = 0; i < I; i += W) {
    const int64_t part = smaller(W, I - i);
    vf weights[dotOutputs];
#pragma GCC unroll 4
    for (int j = 0; j < dotOutputs; j++) {
      weights[j] = loadElements<dtype>(w, (o + smaller(j, outputs - 1)) * I + i, part);
      if constexpr (roundWeights) weights[j] = roundToBf16(weights[j]);
    }
#pragma GCC unroll 4
    for (int n = 0; n < rows; n++) {
      const vf inputs = loadUpTo(x + n * I + i, part);
#pragma GCC unroll 4
      for (int j = 0; j < dotOutputs; j++) sum[n][j] += inputs * weights[j];
    }
  }
  for (int n = 0; n < rows; n++)
    for (int j = 0; j < outputs; j++) {
      const int64_t to = at + n * O + o + j;
      storeElements(out, to, broadcast(sumLanes(sum[n][j]) + (residual != nullptr ? residual[to] : 0.0f)), 1);
    }
}

template <DType dtype, bool roundWeights>
void matmulFewRows(Pool& pool, MutableElements out, const float* x, const void* w, const float* residual, int64_t N, int64_t I,
                   int64_t O) {
  const int64_t chunk = greater(dotOutputs, ceilDivide(32768 / greater(1, I), dotOutputs) * dotOutputs);
  parallelChunks(pool, O, chunk, [=](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o += dotOutputs)
      for (int64_t n = 0; n < N; n += dotRows) {
        const int64_t outputs = smaller(dotOutputs, end - o);
        const float* from = x + n * I;
        switch (smaller(dotRows, N - n)) {
          case 1: dots<dtype, roundWeights, 1>(out, from, w, residual, n * O, o, outputs, I, O); break;
          case 2: dots<dtype, roundWeights, 2>(out, from, w, residual, n * O, o, outputs, I, O); break;
          case 3: dots<dtype, roundWeights, 3>(out, from, w, residual, n * O, o, outputs, I, O); break;
          default: dots<dtype, roundWeights, 4>(out, from, w, residual, n * O, o, outputs, I, O);
        }
      }
  });
}

// x as f32, rounded to what the pool multiplies; x itself where it is that already.
const float* inputsOf(Pool& pool, Elements x, int64_t length) {
  const bool round = pool.products() == DType::bf16;
  if (x.dtype == DType::f32 && !round) return static_cast<const float*>(x.data);
  float* wide = pool.scratch(0, sums, length);
  for (int64_t i = 0; i < length; i += W) {
    const vf value = loadElements(x, i, length - i);
    storeUpTo(wide + i, round ? roundToBf16(value) : value, length - i);
  }
  return wide;
}

}  // namespace

void matmul(Pool& pool, MutableElements out, Elements x, Elements w, const float* residual, int64_t N, int64_t I, int64_t O) {
  if (N > fewRows) return gemm(pool, {N, O, I, x, I, 1, w, 1, I, out, O, residual});
  const float* inputs = inputsOf(pool, x, N * I);
  const bool round = pool.products() == DType::bf16;
  if (w.dtype == DType::bf16) return matmulFewRows<DType::bf16, false>(pool, out, inputs, w.data, residual, N, I, O);
  if (w.dtype == DType::f32 && round) return matmulFewRows<DType::f32, true>(pool, out, inputs, w.data, residual, N, I, O);
  if (w.dtype == DType::f32) return matmulFewRows<DType::f32, false>(pool, out, inputs, w.data, residual, N, I, O);
  if (round) return matmulFewRows<DType::f16, true>(pool, out, inputs, w.data, residual, N, I, O);
  matmulFewRows<DType::f16, false>(pool, out, inputs, w.data, residual, N, I, O);
}

void matmulInputGradient(Pool& pool, MutableElements dx, Elements dy, Elements w, bool accumulate, int64_t N, int64_t I,
                         int64_t O) {
  gemm(pool, {N, I, O, dy, O, 1, w, I, 1, dx, I, accumulate ? static_cast<const float*>(dx.data) : nullptr});
}

void matmulWeightGradient(Pool& pool, float* dw, Elements dy, Elements x, int64_t N, int64_t I, int64_t O) {
  gemm(pool, {O, I, N, dy, 1, O, x, I, 1, {dw, DType::f32}, I, dw});
}

}  // namespace strata::STRATA_ISA
