// Attention of few rows (generation): packing would cost more than the products, so keys and values are read in place,
// once for all rows. If they come from memory, bandwidth is the limit.
#pragma once
#include "attention.hpp"

namespace strata::STRATA_ISA {

// Rows [begin, end) among those that read one key/value head of one sequence.
struct Attend {
  MutableElements out;
  float* logSumExp;
  Elements q, k, v;
  Rows rows;
  int64_t begin, end;
  // Elements from one key to the next.
  int64_t stride;
};

namespace {

// The largest number of rows for this path; rows held in registers; keys and values per step.
constexpr int64_t fewRows = 8, rowGroup = 4, keyGroup = 64;
// Keys prefetched ahead of their use: the keys of one head are not contiguous.
constexpr int64_t ahead = 24;

// W elements of v in f32, or `left` if fewer remain; rounded to the type of the product.
template <DType dtype, Product product>
STRATA_INLINE vf loadValues(const void* data, int64_t i, int64_t left) {
  const vf x = loadElements<dtype>(data, i, left);
  return product != Product::f32 && dtype == DType::f32 ? roundToBf16(x) : x;
}

// Lane l of the result: the sum of the lanes of x[l]. Halves the vectors at each step.
template <int S, int count>
STRATA_INLINE vf sumEach(vf (&x)[count]) {
  if constexpr (S == W) {
    return x[0];
  } else {
#pragma GCC unroll 16
    for (int i = 0; i < W; i += 2 * S) {
      exchange<S>(x[i], x[i + S], std::make_integer_sequence<int, W>());
      x[i] += x[i + S];
    }
    return sumEach<S * 2>(x);
  }
}

// score[i·ld + l] = q[i] · key l for rowGroup rows and W keys, `exist` of them; q [rowGroup, width] in words.
template <DType dtype, Product product>
void scoreKeys(float* score, int64_t ld, const float* q, int64_t width, const void* k, int64_t at, int64_t stride,
               int64_t exist, int64_t E) {
  constexpr int64_t elements = W * elementsPerWord<product>;
  vf dots[rowGroup][W];
  for (int64_t l = 0; l < W; l += 2) {
    // Two keys per step; a missing key repeats the last one.
    const int64_t one = at + smaller(l, exist - 1) * stride, two = at + smaller(l + 1, exist - 1) * stride;
    vf sum[rowGroup][2] = {};
    for (int64_t e = 0; e < E; e += elements) {
      const bool whole = E - e >= elements;
      const vf a =
          whole ? loadWords<dtype, product>(k, one + e, elements) : loadWords<dtype, product>(k, one + e, E - e);
      const vf b =
          whole ? loadWords<dtype, product>(k, two + e, elements) : loadWords<dtype, product>(k, two + e, E - e);
#pragma GCC unroll 4
      for (int i = 0; i < rowGroup; i++) {
        const vf x = load(q + i * width + e / elementsPerWord<product>);
        sum[i][0] = addProduct<product>(sum[i][0], x, a);
        sum[i][1] = addProduct<product>(sum[i][1], x, b);
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < rowGroup; i++) {
      dots[i][l] = sum[i][0];
      dots[i][l + 1] = sum[i][1];
    }
  }
  for (int i = 0; i < rowGroup; i++) store(score + i * ld, sumEach<1>(dots[i]));
}

// sums[i·width + …] += Σ over `count` values of p[i·ld + j] · v[j] for rowGroup rows and `vectors` vectors of columns.
template <DType dtype, Product product, int vectors>
void addValues(float* sums, int64_t width, const float* p, int64_t ld, const void* v, int64_t at, int64_t stride,
               int64_t count, int64_t left) {
  vf sum[rowGroup][vectors];
#pragma GCC unroll 4
  for (int i = 0; i < rowGroup; i++)
#pragma GCC unroll 4
    for (int j = 0; j < vectors; j++) sum[i][j] = load(sums + i * width + j * W);
  for (int64_t key = 0; key < count; key++) {
    vf row[vectors];
#pragma GCC unroll 4
    for (int j = 0; j < vectors; j++)
      row[j] = loadValues<dtype, product>(v, at + key * stride + j * W, vectors > 1 ? W : left);
#pragma GCC unroll 4
    for (int i = 0; i < rowGroup; i++) {
      const vf x = broadcast(p[i * ld + key]);
#pragma GCC unroll 4
      for (int j = 0; j < vectors; j++) sum[i][j] = multiplyAdd(x, row[j], sum[i][j]);
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < rowGroup; i++)
#pragma GCC unroll 4
    for (int j = 0; j < vectors; j++) store(sums + i * width + j * W, sum[i][j]);
}

// row [n] ← 2^(row · scale − maximum), 0 outside the visible keys, rounded to bf16 if `rounded`; `keys` is relative to
// the first key of the row.
STRATA_INLINE void softmaxFew(float* row, int64_t n, Range keys, float scale, bool rounded, float& maximum,
                              float& sum) {
  vf most = broadcast(-INFINITY), total = {};
  for (int64_t j = 0; j < n; j += W) {
    const vf x = seenLanes(j, keys) ? load(row + j) : broadcast(-INFINITY);
    store(row + j, x);
    most = larger(x, most);
  }
  maximum = laneMaximum(most) * scale;
  for (int64_t j = 0; j < n; j += W) {
    const vf p = powerOfTwo(multiplyAdd(load(row + j), scale, -maximum));
    total += p;
    store(row + j, rounded ? roundToBf16(p) : p);
  }
  sum = laneSum(total);
}

template <Product product>
void attendFewRows(Pool& pool, int thread, const Attend& x) {
  const Rows& rows = x.rows;
  const Range seen = visibleRange(rows, x.begin, x.end);
  const int64_t E = rows.E, width = roundUp(E, W), count = seen.end - seen.first, ld = roundUp(count, W);
  const int64_t existing = x.end - x.begin, groups = ceilDivide(existing, rowGroup), padded = groups * rowGroup;
  Workspace work(pool, thread, padded * (2 * width + ld));
  float *q = work.take(padded * width), *sums = work.take(padded * width), *score = work.take(padded * ld);
  // 1. Pack the rows as words; rows that pad the last group are 0
  zero(q, padded * width);
  zero(sums, padded * width);
  withType(x.q.dtype, [&](auto type) {
    for (int64_t i = 0; i < existing; i++)
      for (int64_t e = 0; e < E; e += W * elementsPerWord<product>)
        store(q + i * width + e / elementsPerWord<product>,
              loadWords<decltype(type)::value, product>(x.q.data, rows.element(x.begin + i) + e, E - e));
  });
  // 2. S = q·kᵀ, in steps of W keys
  withType(x.k.dtype, [&](auto type) {
    constexpr DType dtype = decltype(type)::value;
    for (int64_t j = 0; j < count; j += W) {
      const int64_t at = (seen.first + j) * x.stride, exist = smaller(W, count - j);
      prefetchKeys(x.k, {seen.first + j + ahead, seen.first + smaller(j + ahead + W, count)}, x.stride, E);
      for (int64_t i = 0; i < padded; i += rowGroup)
        scoreKeys<dtype, product>(score + i * ld + j, ld, q + i * width, width, x.k.data, at, x.stride, exist, E);
    }
  });
  // 3. P · Σ and Σ, where Σ is the softmax denominator of a row
  const float scale = log2e / std::sqrt(static_cast<float>(E));
  float inverse[fewRows];
  for (int64_t i = 0; i < padded; i++) {
    const Range own = rows.keys(x.begin + smaller(i, existing - 1));
    float maximum, sum;
    softmaxFew(score + i * ld, count, {own.first - seen.first, own.end - seen.first}, scale, product != Product::f32,
               maximum, sum);
    inverse[i] = 1.0f / sum;
    if (x.logSumExp != nullptr && i < existing) x.logSumExp[rows.head(x.begin + i)] = maximum * ln2 + std::log(sum);
  }
  // 4. out = P·v, in steps of keyGroup values for all rows
  withType(x.v.dtype, [&](auto type) {
    constexpr DType dtype = decltype(type)::value;
    for (int64_t j = 0; j < count; j += keyGroup) {
      const int64_t part = smaller(keyGroup, count - j), at = (seen.first + j) * x.stride;
      prefetchKeys(x.v, {seen.first + j + keyGroup, seen.first + smaller(j + 2 * keyGroup, count)}, x.stride, E);
      for (int64_t i = 0; i < padded; i += rowGroup) {
        int64_t e = 0;
        for (; e + 4 * W <= E; e += 4 * W)
          addValues<dtype, product, 4>(sums + i * width + e, width, score + i * ld + j, ld, x.v.data, at + e, x.stride,
                                       part, E - e);
        for (; e < E; e += W)
          addValues<dtype, product, 1>(sums + i * width + e, width, score + i * ld + j, ld, x.v.data, at + e, x.stride,
                                       part, E - e);
      }
    }
  });
  for (int64_t i = 0; i < existing; i++)
    for (int64_t e = 0; e < E; e += W)
      storeElements(x.out, rows.element(x.begin + i) + e, load(sums + i * width + e) * inverse[i], E - e);
}

}  // namespace
}  // namespace strata::STRATA_ISA
