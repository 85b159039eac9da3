// Attention with grouped heads over visible keys: S = q·kᵀ/√E, P = softmax(S), out = P·v. Only the scores of one block of
// queries exist at a time, for the keys that some row of the block sees.
#include "attention.hpp"

namespace strata::STRATA_ISA {
namespace {

// Few queries (generation): a key is read once per query, so packing it would not pay.
constexpr int64_t fewQueries = 4;

// One query against its keys: two passes over scores[0 … end − first).
void attendRow(MutableElements out, float* logSumExp, Elements q, Elements k, Elements v, float* row, int64_t first, int64_t end,
               int64_t stride, int64_t E) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(E));
  const int64_t count = end - first;
  for (int64_t j = 0; j < count; j++) {
    const int64_t key = (first + j) * stride;
    vf sum = {};
    for (int64_t e = 0; e < E; e += W) sum += loadElements(q, e, E - e) * loadElements(k, key + e, E - e);
    row[j] = sumLanes(sum);
  }
  const float normal = softmaxRow(row, count, scale);
  if (logSumExp != nullptr) *logSumExp = normal;
  for (int64_t e = 0; e < E; e += W) {
    vf sum = {};
    for (int64_t j = 0; j < count; j++) sum += row[j] * loadElements(v, (first + j) * stride + e, E - e);
    storeElements(out, e, sum, E - e);
  }
}

void attendBlock(Pool& pool, int thread, MutableElements out, float* logSumExp, Elements q, Elements k, Elements v,
                 const int32_t* first, const int32_t* end, int64_t rows, int64_t H, int64_t stride, int64_t E) {
  const Range keys = visibleRange(first, end, rows);
  const int64_t count = keys.end - keys.first;
  float* score = pool.scratch(thread, scores, rows * count);
  // 1. S = q·kᵀ
  gemmSerial(pool, thread, {rows, count, E, q, H * E, 1, elementsFrom(k, keys.first * stride), 1, stride, {score, DType::f32}, count, nullptr});
  // 2. P = softmax(S/√E) over what each row sees, 0 elsewhere
  const float scale = 1.0f / std::sqrt(static_cast<float>(E));
  for (int64_t i = 0; i < rows; i++) {
    float* row = score + i * count;
    const int64_t begin = first[i] - keys.first, stop = end[i] - keys.first;
    const float normal = softmaxRow(row + begin, stop - begin, scale);
    if (logSumExp != nullptr) logSumExp[i * H] = normal;
    zero(row, begin);
    zero(row + stop, count - stop);
  }
  // 3. out = P·v
  gemmSerial(pool, thread, {rows, E, count, {score, DType::f32}, count, 1, elementsFrom(v, keys.first * stride), stride, 1, out, H * E, nullptr});
}

}  // namespace

void attention(Pool& pool, MutableElements out, float* logSumExp, Elements q, Elements k, Elements v, const int32_t* first,
               const int32_t* end, int64_t B, int64_t queries, int64_t keys, int64_t H, int64_t K, int64_t E) {
  const int64_t stride = K * E, blocks = ceilDivide(queries, queryBlock);
  parallel(pool, B * H * blocks, [=, &pool](int64_t task, int thread) {
    const int64_t b = task / (H * blocks), h = task / blocks % H, i0 = task % blocks * queryBlock;
    const int64_t n = b * queries + i0, rows = smaller(queryBlock, queries - i0);
    const int64_t at = (n * H + h) * E, keyAt = b * keys * stride + h * K / H * E;
    const Elements key = elementsFrom(k, keyAt), value = elementsFrom(v, keyAt);
    float* sums = logSumExp != nullptr ? logSumExp + n * H + h : nullptr;
    if (queries > fewQueries)
      return attendBlock(pool, thread, elementsFrom(out, at), sums, elementsFrom(q, at), key, value, first + n, end + n, rows, H,
                         stride, E);
    for (int64_t i = 0; i < rows; i++) {
      float* row = pool.scratch(thread, scores, end[n + i] - first[n + i]);
      const int64_t from = at + i * H * E;
      attendRow(elementsFrom(out, from), sums != nullptr ? sums + i * H : nullptr, elementsFrom(q, from), key, value, row,
                first[n + i], end[n + i], stride, E);
    }
  });
}

}  // namespace strata::STRATA_ISA
