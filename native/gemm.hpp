// C (+)= A · B over packed panels, the core of every matrix product. The tile of C that a thread computes and the order of
// its sums depend on the sizes only, never on the number of threads.
#pragma once
#include "vector.hpp"

namespace strata::STRATA_ISA {

// C [M,N] with leading dimension ldc; A [M,K] and B [K,N] by strides, one of B's strides being 1.
// C = A·B + start with `start` laid out like C: null for none, C itself to accumulate.
struct Gemm {
  int64_t M, N, K;
  const float* a;
  int64_t aRow, aK;
  Elements b;
  int64_t bK, bColumn;
  float* c;
  int64_t ldc;
  const float* start;
};

// Workspace slots of Pool::scratch. The first two belong to gemm.
enum Slot { packedA = 0, packedB = 1, scores = 2, scoreGradients = 3, partials = 4, logits = 5 };

// Shares the work among the threads of the pool.
void gemm(Pool& pool, const Gemm& g);
// Runs on the calling thread of a task; `thread` names its workspace.
void gemmSerial(Pool& pool, int thread, const Gemm& g);

}  // namespace strata::STRATA_ISA
