// Gradients of attention. forward: S = q·kᵀ/√E, P = softmax(S), out = P·v. So with dP = dOut·vᵀ
//   dS = P ∘ (dP − δ),  δ = rowsum(P ∘ dP) = rowsum(dOut ∘ out)
//   dq = dS·k/√E,  dk = dSᵀ·q/√E,  dv = Pᵀ·dOut
// P is made again from q, k and the kept log Σ e^S. A task owns one key/value head of one sequence and adds up dk and dv
// over its query heads and blocks of queries in ascending order.
#include "attention.hpp"

namespace strata::STRATA_ISA {
namespace {

// score ← P, gradient (dP) ← dS/√E for one row; `seen` is the range of keys within the row.
void softmaxBackwardRow(float* score, float* gradient, float logSumExp, float delta, float scale, Range seen, int64_t count) {
  zero(score, seen.first);
  zero(gradient, seen.first);
  for (int64_t j = seen.first; j < seen.end; j += W) {
    const int64_t part = seen.end - j;
    const vf p = exponential(loadUpTo(score + j, part) * scale - logSumExp);
    storeUpTo(score + j, p, part);
    storeUpTo(gradient + j, p * (loadUpTo(gradient + j, part) - delta) * scale, part);
  }
  zero(score + seen.end, count - seen.end);
  zero(gradient + seen.end, count - seen.end);
}

struct Block {
  float *dq, *dk, *dv;
  Elements dOut, out;
  const float* logSumExp;
  Elements q, k, v;
  const int32_t *first, *end;
  int64_t rows, H, stride, E;
};

void backwardBlock(Pool& pool, int thread, const Block& x) {
  const Range keys = visibleRange(x.first, x.end, x.rows);
  const int64_t count = keys.end - keys.first, rowStride = x.H * x.E, offset = keys.first * x.stride;
  const Elements k = elementsFrom(x.k, offset), v = elementsFrom(x.v, offset);
  float* score = pool.scratch(thread, scores, x.rows * count);
  float* gradient = pool.scratch(thread, scoreGradients, x.rows * count);
  // 1. S = q·kᵀ and dP = dOut·vᵀ
  gemmSerial(pool, thread, {x.rows, count, x.E, x.q, rowStride, 1, k, 1, x.stride, {score, DType::f32}, count, nullptr});
  gemmSerial(pool, thread, {x.rows, count, x.E, x.dOut, rowStride, 1, v, 1, x.stride, {gradient, DType::f32}, count, nullptr});
  // 2. P and dS row by row
  const float scale = 1.0f / std::sqrt(static_cast<float>(x.E));
  for (int64_t i = 0; i < x.rows; i++) {
    vf sum = {};
    for (int64_t e = 0; e < x.E; e += W)
      sum += loadElements(x.dOut, i * rowStride + e, x.E - e) * loadElements(x.out, i * rowStride + e, x.E - e);
    softmaxBackwardRow(score + i * count, gradient + i * count, x.logSumExp[i * x.H], sumLanes(sum), scale,
                       {x.first[i] - keys.first, x.end[i] - keys.first}, count);
  }
  // 3. dv += Pᵀ·dOut, dk += dSᵀ·q, dq = dS·k
  float *dk = x.dk + offset, *dv = x.dv + offset;
  gemmSerial(pool, thread, {count, x.E, x.rows, {score, DType::f32}, 1, count, x.dOut, rowStride, 1, {dv, DType::f32}, x.stride, dv});
  gemmSerial(pool, thread, {count, x.E, x.rows, {gradient, DType::f32}, 1, count, x.q, rowStride, 1, {dk, DType::f32}, x.stride, dk});
  gemmSerial(pool, thread, {x.rows, x.E, count, {gradient, DType::f32}, count, 1, k, x.stride, 1, {x.dq, DType::f32}, rowStride, nullptr});
}

}  // namespace

void attentionBackward(Pool& pool, float* dq, float* dk, float* dv, Elements dOut, Elements out, const float* logSumExp, Elements q,
                       Elements k, Elements v, const int32_t* first, const int32_t* end, int64_t B, int64_t queries, int64_t keys, int64_t H, int64_t K, int64_t E) {
  const int64_t stride = K * E;
  parallel(pool, B * K, [=, &pool](int64_t task, int thread) {
    const int64_t b = task / K, head = task % K, keyAt = b * keys * stride + head * E;
    for (int64_t j = 0; j < keys; j++) {
      zero(dk + keyAt + j * stride, E);
      zero(dv + keyAt + j * stride, E);
    }
    for (int64_t h = 0; h < H; h++) {
      if (h * K / H != head) continue;
      for (int64_t i0 = 0; i0 < queries; i0 += queryBlock) {
        const int64_t n = b * queries + i0, at = (n * H + h) * E;
        backwardBlock(pool, thread,
                      {dq + at, dk + keyAt, dv + keyAt, elementsFrom(dOut, at), elementsFrom(out, at), logSumExp + n * H + h,
                       elementsFrom(q, at), elementsFrom(k, keyAt), elementsFrom(v, keyAt), first + n, end + n, smaller(queryBlock, queries - i0), H, stride, E});
      }
    }
  });
}

}  // namespace strata::STRATA_ISA
