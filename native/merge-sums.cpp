// Kernels of merging over whole vectors: conversion, weighted sums, products, comparison.
#include "gemm.hpp"
#include "merge.hpp"

namespace strata::STRATA_ISA {
namespace {

template <DType rounding, DType stored>
void convertTo(MutableElements out, Elements x, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i += W) {
    const vf value = roundTo<rounding>(loadElements<stored>(x.data, i, end - i));
    if (out.dtype == DType::f32) {
      storeElements<DType::f32>(out.data, i, value, end - i);
      continue;
    }
    const vh bits = out.dtype == DType::bf16 ? bitsOfExact<DType::bf16>(roundTo<DType::bf16>(value))
                                             : bitsOfExact<DType::f16>(roundTo<DType::f16>(value));
    const size_t bytes = static_cast<size_t>(smaller(W, end - i)) * 2;
    if (bytes == W * 2) std::memcpy(elementAt<DType::bf16>(out.data, i), &bits, sizeof bits);
    else std::memcpy(elementAt<DType::bf16>(out.data, i), &bits, bytes);
  }
}

// out[0 … n) of a block += round(factor · x); or = , for the first input.
template <DType rounding, DType stored, bool ofColumns>
void addProducts(float* block, const void* x, int64_t from, int64_t n, const float* factors, bool first) {
  const vf same = broadcast(factors[0]);
  for (int64_t i = 0; i < n; i += W) {
    const vf factor = ofColumns ? loadUpTo(factors + i, n - i) : same;
    const vf product = roundTo<rounding>(loadElements<stored>(x, from + i, n - i) * factor);
    // The block has room for whole vectors.
    store(block + i, first ? product : load(block + i) + product);
  }
}

template <DType rounding, bool ofColumns>
void finishSum(float* out, const float* block, int64_t n, const float* divisors) {
  if (divisors == nullptr) {
    for (int64_t i = 0; i < n; i += W) storeUpTo(out + i, roundTo<rounding>(load(block + i)), n - i);
    return;
  }
  const vf same = broadcast(divisors[0]);
  for (int64_t i = 0; i < n; i += W) {
    const vf divisor = ofColumns ? loadUpTo(divisors + i, n - i) : same;
    storeUpTo(out + i, roundTo<rounding>(roundTo<rounding>(load(block + i)) / divisor), n - i);
  }
}

template <DType rounding, bool ofColumns>
void sumPieces(Pool& pool, float* out, const ElementsList& inputs, const float* factors, const float* divisors,
               DType result, const Groups& groups) {
  const int64_t count = groups.count();
  parallelPieces(pool, groups.rows, groups.columns, [&](int64_t begin, int64_t end, int64_t row) {
    alignas(64) float block[mergeBlock];
    const int64_t group = ofColumns ? begin - row * groups.columns : row;
    bool first = true;
    for (size_t k = 0; k < inputs.size(); k++) {
      const float* own = factors + static_cast<int64_t>(k) * count + group;
      withDType(inputs[k].dtype, [&](auto stored) {
        addProducts<rounding, decltype(stored)::value, ofColumns>(block, inputs[k].data, begin, end - begin, own,
                                                                  first);
      });
      first = false;
    }
    const float* own = divisors == nullptr ? nullptr : divisors + group;
    withDType(result,
              [&](auto to) { finishSum<decltype(to)::value, ofColumns>(out + begin, block, end - begin, own); });
  });
}

}  // namespace

void mergeConvert(Pool& pool, MutableElements out, Elements x, int32_t rounding, int64_t length) {
  parallelChunks(pool, length, mergeTask, [=](int64_t begin, int64_t end, int) {
    withDType(static_cast<DType>(rounding), [&](auto to) {
      if (x.dtype != DType::f64) {
        withDType(x.dtype,
                  [&](auto stored) { convertTo<decltype(to)::value, decltype(stored)::value>(out, x, begin, end); });
        return;
      }
      const char* from = static_cast<const char*>(x.data);
      alignas(64) float block[W];
      for (int64_t i = begin; i < end; i += W) {
        const int64_t n = smaller(W, end - i);
        for (int64_t j = 0; j < n; j++) {
          double value;
          std::memcpy(&value, from + (i + j) * 8, sizeof value);
          block[j] = static_cast<float>(value);
        }
        convertTo<decltype(to)::value, DType::f32>(elementsFrom(out, i), {block, DType::f32}, 0, n);
      }
    });
  });
}

void mergeSum(Pool& pool, float* out, ElementsList inputs, const float* factors, const float* divisors,
              int32_t rounding, int32_t resultRounding, int64_t rows, int64_t columns, bool ofColumns) {
  const Groups groups = {rows, columns, ofColumns};
  const auto result = static_cast<DType>(resultRounding);
  withDType(static_cast<DType>(rounding), [&](auto to) {
    if (ofColumns) sumPieces<decltype(to)::value, true>(pool, out, inputs, factors, divisors, result, groups);
    else sumPieces<decltype(to)::value, false>(pool, out, inputs, factors, divisors, result, groups);
  });
}

void mergeGram(Pool& pool, double* out, ElementsList inputs, int64_t length) {
  const int64_t n = static_cast<int64_t>(inputs.size()), pairs = n * (n + 1) / 2;
  const int64_t blocks = ceilDivide(length, mergeSumBlock);
  double* parts = reinterpret_cast<double*>(pool.scratch(0, partials, greater(1, blocks * pairs) * 2));
  parallelChunks(pool, length, mergeSumBlock, [&](int64_t begin, int64_t end, int thread) {
    float* wide = pool.scratch(thread, packedA, n * mergeSumBlock);
    for (int64_t k = 0; k < n; k++) widen(wide + k * mergeSumBlock, inputs[static_cast<size_t>(k)], begin, end - begin);
    double* own = parts + begin / mergeSumBlock * pairs;
    if (n == 2) return productsOfTwo(own, wide, wide + mergeSumBlock, end - begin);
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = i; j < n; j++)
        *own++ = productOf(wide + i * mergeSumBlock, wide + j * mergeSumBlock, end - begin);
  });
  for (int64_t i = 0, pair = 0; i < n; i++)
    for (int64_t j = i; j < n; j++, pair++) {
      double total = 0;
      for (int64_t block = 0; block < blocks; block++) total += parts[block * pairs + pair];
      out[i * n + j] = out[j * n + i] = total;
    }
}

void mergeSame(Pool& pool, int32_t* out, ElementsList inputs, int64_t length) {
  std::atomic<bool> differs{false};
  parallelChunks(pool, length, mergeTask, [&](int64_t begin, int64_t end, int) {
    if (differs.load(std::memory_order_relaxed)) return;
    const size_t size = static_cast<size_t>(elementBytes(inputs[0].dtype));
    const size_t from = static_cast<size_t>(begin) * size, bytes = static_cast<size_t>(end - begin) * size;
    const char* first = static_cast<const char*>(inputs[0].data) + from;
    for (size_t k = 1; k < inputs.size(); k++)
      if (std::memcmp(first, static_cast<const char*>(inputs[k].data) + from, bytes) != 0) {
        differs.store(true, std::memory_order_relaxed);
        return;
      }
  });
  out[0] = differs.load() ? 0 : 1;
}

}  // namespace strata::STRATA_ISA
