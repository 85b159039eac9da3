// What every instruction set implements; src/device/kernels.ts says what each kernel means. Checks are done by the caller.
#pragma once
#include <cstdint>

#include "pool.hpp"

namespace strata {

enum class DType : int32_t { f32 = 0, bf16 = 1, f16 = 2, f64 = 3, i32 = 4 };

// Weights in the dtype of their file; `data` may be aligned to a byte only.
struct Elements {
  const void* data;
  DType dtype;
};

struct MutableElements {
  void* data;
  DType dtype;
};

#define STRATA_KERNELS(K)                                                                                             \
  K(fill, (Pool&, float* out, double value, int64_t length))                                                          \
  K(copy, (Pool&, MutableElements out, Elements x, int64_t length))                                                   \
  K(embed, (Pool&, float* out, Elements table, const int32_t* ids, int64_t N, int64_t D))                             \
  K(embedBackward, (Pool&, float* dTable, const float* dOut, const int32_t* ids, int64_t N, int64_t D))               \
  K(rmsNorm, (Pool&, float* out, float* rstd, const float* x, Elements weight, double epsilon, int64_t N, int64_t D)) \
  K(rmsNormBackward, (Pool&, float* dx, float* dWeight, const float* dy, const float* x, Elements weight,             \
                      const float* rstd, const float* residual, int64_t N, int64_t D))                                \
  K(matmul, (Pool&, float* out, const float* x, Elements w, const float* residual, int64_t N, int64_t I, int64_t O))  \
  K(matmulInputGradient, (Pool&, float* dx, const float* dy, Elements w, bool accumulate, int64_t N, int64_t I,       \
                          int64_t O))                                                                                 \
  K(matmulWeightGradient, (Pool&, float* dw, const float* dy, const float* x, int64_t N, int64_t I, int64_t O))       \
  K(rope, (Pool&, float* x, const int32_t* positions, const float* cosine, const float* sine, bool inverse,           \
           int64_t N, int64_t heads, int64_t E))                                                                      \
  K(attention, (Pool&, float* out, float* logSumExp, const float* q, const float* k, const float* v,                  \
                const int32_t* first, const int32_t* end, int64_t B, int64_t queries, int64_t keys, int64_t H,        \
                int64_t K_, int64_t E))                                                                               \
  K(attentionBackward, (Pool&, float* dq, float* dk, float* dv, const float* dOut, const float* out,                  \
                        const float* logSumExp, const float* q, const float* k, const float* v,                       \
                        const int32_t* first, const int32_t* end, int64_t B, int64_t queries, int64_t keys,           \
                        int64_t H, int64_t K_, int64_t E))                                                            \
  K(swiglu, (Pool&, float* out, const float* gate, const float* up, int64_t length))                                  \
  K(swigluBackward, (Pool&, float* dGate, float* dUp, const float* dOut, const float* gate, const float* up,          \
                     int64_t length))                                                                                 \
  K(headLoss, (Pool&, float* losses, int32_t* best, float* dx, float* dw, const float* x, Elements w,                 \
               const int32_t* targets, double scale, int64_t N, int64_t D, int64_t V))                                \
  K(squaredNorm, (Pool&, double* out, int64_t index, const float* x, int64_t length))                                 \
  K(adamW, (Pool&, float* weight, const float* gradient, float* m, float* v, double learningRate, double beta1,       \
            double beta2, double epsilon, double weightDecay, int64_t step, double gradientScale, int64_t length))

#define STRATA_FIELD(name, parameters) void(*name) parameters;
struct KernelTable {
  STRATA_KERNELS(STRATA_FIELD)
};
#undef STRATA_FIELD

#define STRATA_DECLARE(name, parameters) void name parameters;
#define STRATA_DECLARE_SET(set)             \
  namespace set {                           \
  STRATA_KERNELS(STRATA_DECLARE)            \
  extern const KernelTable table;           \
  }
STRATA_DECLARE_SET(portable)
#if defined(__x86_64__)
STRATA_DECLARE_SET(avx2)
STRATA_DECLARE_SET(avx512)
#endif

}  // namespace strata
