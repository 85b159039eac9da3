// C = A · B + start, the core of every matrix product: B in packed panels, A too unless its rows can be read in place.
// The tiles of C and the order of their sums depend only on the sizes, never on the number of threads.
#pragma once
#include "vector.hpp"

namespace strata::STRATA_ISA {

// C [M,N] (f32 or bf16) with leading dimension ldc; A [M,K] and B [K,N] with strides, one stride of each pair is 1.
// `start` is f32 in the layout of C: null for none, C itself to accumulate. Operands are rounded to the pool's compute
// dtype first.
struct Gemm {
  int64_t M, N, K;
  Elements a;
  int64_t aRow, aK;
  Elements b;
  int64_t bK, bColumn;
  MutableElements c;
  int64_t ldc;
  const float* start;
  // Only the tiles that reach the diagonal or lie below it; the others are not written.
  bool lower = false;
  // Whether the operand is that of the previous call of `gemm` and unchanged: its packed form may serve again.
  bool sameA = false, sameB = false;
};

// Workspace slots of Pool::scratch. The first three belong to gemm.
enum Slot { packedA = 0, packedB = 1, sums = 2, scores = 3, scoreGradients = 4, partials = 5, logits = 6 };

// Divides the work among the threads of the pool.
void gemm(Pool& pool, const Gemm& g);
// Runs on the calling thread, within a task; `thread` is the index of its workspace.
void gemmSerial(Pool& pool, int thread, const Gemm& g);

}  // namespace strata::STRATA_ISA
