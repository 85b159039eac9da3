// Kernels of merging over the rows or columns of matrices, and those of single methods: nearswap, arcee_fusion.
#include "gemm.hpp"
#include "merge.hpp"

namespace strata::STRATA_ISA {
namespace {

STRATA_INLINE vf magnitudeOf(vf x) { return (vf)(bitsOf(x) & 0x7fffffff); }

// x ← round(x / divisor)
template <DType rounding>
void divideBlock(float* x, int64_t n, float divisor) {
  for (int64_t i = 0; i < n; i += W) store(x + i, roundTo<rounding>(load(x + i) / broadcast(divisor)));
  for (int64_t i = n; i % mergeLanes != 0; i++) x[i] = 0.0f;
}

template <DType rounding>
double productOfRow(Elements a, Elements b, const float* aDivisor, const float* bDivisor, bool exact, int64_t from,
                    int64_t n) {
  alignas(64) float left[mergeSumBlock], right[mergeSumBlock];
  widen(left, a, from, n);
  widen(right, b, from, n);
  if (aDivisor != nullptr) divideBlock<rounding>(left, n, *aDivisor);
  if (bDivisor != nullptr) divideBlock<rounding>(right, n, *bDivisor);
  if (exact) return productOf(left, right, n);
  for (int64_t i = 0; i < n; i += W) {
    store(left + i, roundTo<rounding>(load(left + i) * load(right + i)));
    store(right + i, broadcast(1.0f));
  }
  return productOf(left, right, n);
}

template <DType rounding>
void productsOfRows(Pool& pool, double* sums, Elements a, Elements b, const float* aDivisors, const float* bDivisors,
                    bool exact, int64_t rows, int64_t columns) {
  const int64_t perRow = ceilDivide(columns, mergeSumBlock), blocks = rows * perRow;
  double* parts = reinterpret_cast<double*>(pool.scratch(0, partials, greater(1, blocks) * 2));
  const int64_t together = greater(1, mergeTask / smaller(columns, mergeSumBlock));
  parallelChunks(pool, blocks, together, [=](int64_t begin, int64_t end, int) {
    for (int64_t block = begin; block < end; block++) {
      const int64_t row = block / perRow, start = block % perRow * mergeSumBlock;
      parts[block] = productOfRow<rounding>(a, b, aDivisors == nullptr ? nullptr : aDivisors + row,
                                            bDivisors == nullptr ? nullptr : bDivisors + row, exact,
                                            row * columns + start, smaller(mergeSumBlock, columns - start));
    }
  });
  for (int64_t row = 0; row < rows; row++) {
    double total = 0;
    for (int64_t block = 0; block < perRow; block++) total += parts[row * perRow + block];
    sums[row] += total;
  }
}

// A task owns columns, so that rows are added in ascending order.
template <DType rounding>
void productsOfColumns(Pool& pool, double* sums, Elements a, Elements b, const float* aDivisors, const float* bDivisors,
                       bool exact, int64_t rows, int64_t columns) {
  parallelChunks(pool, columns, 256, [=](int64_t begin, int64_t end, int) {
    for (int64_t row = 0; row < rows; row++)
      for (int64_t i = begin; i < end; i += W) {
        const int64_t n = smaller(W, end - i);
        vf x = loadElements(a, row * columns + i, n), y = loadElements(b, row * columns + i, n);
        if (aDivisors != nullptr) x = roundTo<rounding>(x / loadUpTo(aDivisors + i, n));
        if (bDivisors != nullptr) y = roundTo<rounding>(y / loadUpTo(bDivisors + i, n));
        vd product;
        if (exact) product = __builtin_convertvector(x, vd) * __builtin_convertvector(y, vd);
        else product = __builtin_convertvector(roundTo<rounding>(x * y), vd);
        for (int64_t lane = 0; lane < n; lane++) sums[i + lane] += product[lane];
      }
  });
}

template <DType rounding>
STRATA_INLINE float roundOne(float x) {
  return roundTo<rounding>(broadcast(x))[0];
}

// out ← round(softmax of x) + ε, rounded
template <DType rounding>
void softmaxRow(float* out, Elements x, int64_t from, int64_t n) {
  float best = -INFINITY;
  for (int64_t i = 0; i < n; i++) {
    out[i] = loadElements(x, from + i, 1)[0];
    if (out[i] > best) best = out[i];
  }
  double total = 0;
  for (int64_t i = 0; i < n; i++) {
    out[i] = std::exp(out[i] - best);
    total += static_cast<double>(out[i]);
  }
  const vf sum = broadcast(static_cast<float>(total)), epsilon = roundTo<rounding>(broadcast(1e-8f));
  for (int64_t i = 0; i < n; i += W) {
    const vf share = roundTo<rounding>(loadUpTo(out + i, n - i) / sum);
    storeUpTo(out + i, roundTo<rounding>(share + epsilon), n - i);
  }
}

template <DType rounding>
float divergenceOf(const float* p, const float* q, int64_t n) {
  double total = 0;
  for (int64_t i = 0; i < n; i++) {
    const float ratio = roundOne<rounding>(p[i] / q[i]);
    const float logarithm = roundOne<rounding>(std::log(ratio));
    total += static_cast<double>(roundOne<rounding>(p[i] * logarithm));
  }
  return roundOne<rounding>(static_cast<float>(total));
}

}  // namespace

void mergeProducts(Pool& pool, double* sums, Elements a, Elements b, const float* aDivisors, const float* bDivisors,
                   int32_t rounding, bool exact, int64_t rows, int64_t columns, bool ofColumns) {
  withDType(static_cast<DType>(rounding), [&](auto to) {
    constexpr DType dtype = decltype(to)::value;
    if (ofColumns) productsOfColumns<dtype>(pool, sums, a, b, aDivisors, bDivisors, exact, rows, columns);
    else productsOfRows<dtype>(pool, sums, a, b, aDivisors, bDivisors, exact, rows, columns);
  });
}

// w = clamp(t / max(|base − other|, 1e-6), 0, 1); w · other + (1 − w) · base
void mergeNear(Pool& pool, float* out, Elements base, Elements other, double t, int32_t rounding, int64_t length) {
  const vf one = broadcast(1.0f), scale = broadcast(static_cast<float>(t));
  withDType(static_cast<DType>(rounding), [&](auto to) {
    constexpr DType dtype = decltype(to)::value;
    const vf smallest = roundTo<dtype>(broadcast(1e-6f));
    parallelChunks(pool, length, mergeTask, [=](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i += W) {
        const vf a = loadElements(base, i, end - i), b = loadElements(other, i, end - i);
        const vf difference = roundTo<dtype>(a - b);
        vf distance = magnitudeOf(difference);
        distance = distance < smallest ? smallest : distance;
        vf weight = roundTo<dtype>(roundTo<dtype>(one / distance) * scale);
        weight = weight < 0.0f ? vf{} : weight;
        weight = weight > one ? one : weight;
        const vf rest = roundTo<dtype>(one - weight);
        storeUpTo(out + i, roundTo<dtype>(roundTo<dtype>(weight * b) + roundTo<dtype>(rest * a)), end - i);
      }
    });
  });
}

void mergeDivergence(Pool& pool, float* out, Elements model, Elements base, int32_t rounding, int64_t rows,
                     int64_t columns) {
  withDType(static_cast<DType>(rounding), [&](auto to) {
    constexpr DType dtype = decltype(to)::value;
    parallelChunks(pool, rows, greater(1, mergeTask / columns), [&](int64_t begin, int64_t end, int thread) {
      float* p = pool.scratch(thread, packedA, 2 * columns);
      float* q = p + columns;
      for (int64_t row = begin; row < end; row++) {
        softmaxRow<dtype>(p, model, row * columns, columns);
        softmaxRow<dtype>(q, base, row * columns, columns);
        out[row] = divergenceOf<dtype>(p, q, columns);
      }
    });
  });
}

void mergeImportance(Pool& pool, float* out, Elements model, Elements base, const float* divergences, int32_t rounding,
                     int64_t rows, int64_t columns) {
  withDType(static_cast<DType>(rounding), [&](auto to) {
    constexpr DType dtype = decltype(to)::value;
    parallelPieces(pool, rows, columns, [=](int64_t begin, int64_t end, int64_t row) {
      const vf divergence = broadcast(divergences[row]);
      for (int64_t i = begin; i < end; i += W) {
        const vf change = roundTo<dtype>(loadElements(model, i, end - i) - loadElements(base, i, end - i));
        storeUpTo(out + i, roundTo<dtype>(magnitudeOf(change) * divergence), end - i);
      }
    });
  });
}

void mergeFuse(Pool& pool, float* out, Elements model, Elements base, const float* importance, double threshold,
               int32_t rounding, int64_t length) {
  const vf least = broadcast(static_cast<float>(threshold));
  withDType(static_cast<DType>(rounding), [&](auto to) {
    constexpr DType dtype = decltype(to)::value;
    parallelChunks(pool, length, mergeTask, [=](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i += W) {
        const vf from = loadElements(base, i, end - i);
        const vf change = roundTo<dtype>(loadElements(model, i, end - i) - from);
        storeUpTo(out + i, loadUpTo(importance + i, end - i) >= least ? from + change : from, end - i);
      }
    });
  });
}

}  // namespace strata::STRATA_ISA
