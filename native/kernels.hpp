// The kernels that every instruction set implements; src/device/kernels.ts defines what they compute, and
// src/merge/core/kernels.ts those of merging. The caller checks
// the arguments.
#pragma once
#include <cstdint>
#include <vector>

#include "pool.hpp"

namespace strata {

// Weights in the dtype of their file; `data` may be unaligned.
struct Elements {
  const void* data;
  DType dtype;
};

struct MutableElements {
  void* data;
  DType dtype;
};

using ElementsList = std::vector<Elements>;

#define STRATA_KERNELS(K)                                                                                              \
  K(fill, (Pool&, float* out, double value, int64_t length))                                                           \
  K(copy, (Pool&, MutableElements out, Elements x, int64_t length))                                                    \
  K(embed, (Pool&, float* out, Elements table, const int32_t* ids, int64_t N, int64_t D))                              \
  K(embedBackward, (Pool&, float* dTable, const float* dOut, const int32_t* ids, int64_t N, int64_t D))                \
  K(rmsNorm,                                                                                                           \
    (Pool&, MutableElements out, float* rstd, const float* x, Elements weight, double epsilon, int64_t N, int64_t D))  \
  K(rmsNormBackward, (Pool&, float* dx, float* dWeight, const float* dy, const float* x, Elements weight,              \
                      const float* rstd, const float* residual, int64_t N, int64_t D))                                 \
  K(matmul, (Pool&, MutableElements out, Elements x, Elements w, const float* residual, bool sameX, int64_t N,         \
             int64_t I, int64_t O))                                                                                    \
  K(matmulInputGradient,                                                                                               \
    (Pool&, MutableElements dx, Elements dy, Elements w, bool accumulate, int64_t N, int64_t I, int64_t O))            \
  K(matmulWeightGradient, (Pool&, float* dw, Elements dy, Elements x, bool sameX, int64_t N, int64_t I, int64_t O))    \
  K(gram, (Pool&, float* out, Elements x, bool ofColumns, int64_t N, int64_t I))                                       \
  K(addBias, (Pool&, MutableElements out, Elements x, Elements bias, int64_t N, int64_t O))                            \
  K(biasGradient, (Pool&, float* dBias, Elements dy, int64_t N, int64_t O))                                            \
  K(rope, (Pool&, MutableElements out, Elements x, const int32_t* positions, const float* cosine, const float* sine,   \
           bool inverse, int64_t N, int64_t heads, int64_t E))                                                         \
  K(attention,                                                                                                         \
    (Pool&, MutableElements out, float* logSumExp, Elements q, Elements k, Elements v, const int32_t* first,           \
     const int32_t* end, int64_t B, int64_t queries, int64_t keys, int64_t H, int64_t K_, int64_t E))                  \
  K(attentionBackward, (Pool&, float* dq, float* dk, float* dv, Elements dOut, Elements out, const float* logSumExp,   \
                        Elements q, Elements k, Elements v, const int32_t* first, const int32_t* end, int64_t B,       \
                        int64_t queries, int64_t keys, int64_t H, int64_t K_, int64_t E))                              \
  K(swiglu, (Pool&, MutableElements out, Elements gate, Elements up, int64_t length))                                  \
  K(swigluBackward, (Pool&, MutableElements dGate, MutableElements dUp, MutableElements gated, Elements dOut,          \
                     Elements gate, Elements up, int64_t length))                                                      \
  K(headLoss, (Pool&, float* losses, int32_t* best, float* dx, float* dw, Elements x, Elements w,                      \
               const int32_t* targets, double scale, int64_t N, int64_t D, int64_t V, int64_t chunk))                  \
  K(squaredNorm, (Pool&, double* out, int64_t index, const float* x, int64_t length))                                  \
  K(adamW, (Pool&, float* weight, float* gradient, float* m, float* v, double learningRate, double beta1,              \
            double beta2, double epsilon, double weightDecay, int64_t step, double gradientScale, int64_t length))     \
  K(momentumStep,                                                                                                      \
    (Pool&, float* gradient, float* m, double momentum, bool nesterov, double gradientScale, int64_t length))          \
  K(normalize, (Pool&, MutableElements out, const float* x, const double* squares, int64_t index, double epsilon,      \
                int64_t length))                                                                                       \
  K(blend, (Pool&, float* out, Elements x, double keep, double add, int64_t length))                                   \
  K(orthogonalize, (Pool&, float* out, const float* x, double a, double b, double c, int64_t iterations,               \
                    double epsilon, int64_t blockRows, int64_t rows, int64_t columns))                                 \
  K(mergeCountMagnitudes, (Pool&, double* totals, const float* values, int32_t upper, int64_t length))                 \
  K(mergeKeepRange, (Pool&, float* values, const double* range, double* seen, int64_t length))                         \
  K(mergeKeepWhere, (Pool&, float* values, const float* mask, int64_t length))                                         \
  K(mergeFillWords, (Pool&, uint32_t * state, uint32_t * out, int64_t count))                                          \
  K(mergeKeepAtRandom, (Pool&, float* values, const uint32_t* words, int32_t bound, int64_t length))                   \
  K(mergeKeepByRank, (Pool&, float* values, const uint32_t* words, const uint32_t* bounds, int64_t rowLength,          \
                      int64_t stride, int64_t length))                                                                 \
  K(mergeMagnitudeSum, (Pool&, double* out, const float* values, int64_t length))                                      \
  K(mergeSquareSum, (Pool&, double* out, const float* values, int32_t rounding, int64_t length))                       \
  K(mergeScale, (Pool&, float* values, double factor, int32_t rounding, int64_t length))                               \
  K(mergeMix, (Pool&, float* out, const float* base, const float* changes, const float* weights, int64_t inputs,       \
               int32_t vote, int32_t division, double divisor, double lambda, int32_t rounding, int64_t length))       \
  K(mergeVariance, (Pool&, float* out, const float* changes, int64_t inputs, int32_t rounding, int64_t length))        \
  K(mergeCountShared, (Pool&, double* totals, const float* changes, int64_t inputs, double epsilon, int64_t length))   \
  K(mergeMixShared, (Pool&, float* out, const float* base, const float* changes, const float* factors, int64_t inputs, \
                     double epsilon, int32_t rounding, int64_t length))                                                \
  K(mergeConvert, (Pool&, MutableElements out, Elements x, int32_t rounding, int64_t length))                          \
  K(mergeSum, (Pool&, float* out, ElementsList inputs, const float* factors, const float* divisors, int32_t rounding,  \
               int32_t resultRounding, int64_t rows, int64_t columns, bool ofColumns))                                 \
  K(mergeGram, (Pool&, double* out, ElementsList inputs, int64_t length))                                              \
  K(mergeSame, (Pool&, int32_t * out, ElementsList inputs, int64_t length))                                            \
  K(mergeProducts, (Pool&, double* sums, Elements a, Elements b, const float* aDivisors, const float* bDivisors,       \
                    int32_t rounding, bool exact, int64_t rows, int64_t columns, bool ofColumns))                      \
  K(mergeNear, (Pool&, float* out, Elements base, Elements other, double t, int32_t rounding, int64_t length))         \
  K(mergeDivergence,                                                                                                   \
    (Pool&, float* out, Elements model, Elements base, int32_t rounding, int64_t rows, int64_t columns))               \
  K(mergeImportance, (Pool&, float* out, Elements model, Elements base, const float* divergences, int32_t rounding,    \
                      int64_t rows, int64_t columns))                                                                  \
  K(mergeFuse, (Pool&, float* out, Elements model, Elements base, const float* importance, double threshold,           \
                int32_t rounding, int64_t length))

#define STRATA_FIELD(name, parameters) void(*name) parameters;
struct KernelTable {
  STRATA_KERNELS(STRATA_FIELD)
};
#undef STRATA_FIELD

#define STRATA_DECLARE(name, parameters) void name parameters;
#define STRATA_DECLARE_SET(set)   \
  namespace set {                 \
  STRATA_KERNELS(STRATA_DECLARE)  \
  extern const KernelTable table; \
  }

// instruction-sets.mjs defines STRATA_NAMESPACES: STRATA_NAMESPACE(name) for the kernels in each machine code.
#ifndef STRATA_NAMESPACES
#error "compile with the flags of native/compile.mjs"
#endif
#define STRATA_NAMESPACE(name) STRATA_DECLARE_SET(name)
STRATA_NAMESPACES
#undef STRATA_NAMESPACE

}  // namespace strata
