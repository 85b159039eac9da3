// C = A · B + start over packed panels, the core of every matrix product. The tile of C that a thread computes and the
// order of its sums depend on the sizes only, never on the number of threads.
#pragma once
#include "vector.hpp"

namespace strata::STRATA_ISA {

// C [M,N] (f32 or bf16) with leading dimension ldc; A [M,K] and B [K,N] by strides, one of each pair being 1. `start`
// is f32 laid out like C: null for none, C itself to accumulate. Operands are rounded to the pool's type of products
// first.
struct Gemm {
  int64_t M, N, K;
  Elements a;
  int64_t aRow, aK;
  Elements b;
  int64_t bK, bColumn;
  MutableElements c;
  int64_t ldc;
  const float* start;
};

// Workspace slots of Pool::scratch. The first three belong to gemm.
enum Slot { packedA = 0, packedB = 1, sums = 2, scores = 3, scoreGradients = 4, partials = 5, logits = 6 };

// Shares the work among the threads of the pool.
void gemm(Pool& pool, const Gemm& g);
// Runs on the calling thread of a task; `thread` names its workspace.
void gemmSerial(Pool& pool, int thread, const Gemm& g);

}  // namespace strata::STRATA_ISA
