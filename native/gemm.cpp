#include "gemm.hpp"

#include "pack.hpp"

namespace strata::STRATA_ISA {
namespace {

// A tile of C is held in registers: tileRows × tileVectors accumulators, tileVectors of B, one of A.
#if STRATA_WIDTH == 16
constexpr int tileRows = 14, tileVectors = 2;
#else
constexpr int tileRows = 6, tileVectors = 2;
#endif
constexpr int tileColumns = tileVectors * W;
// Panels of one k-block: a panel of A and one of B stay near the core; a block of tiles stays in the second-level cache.
constexpr int64_t blockK = 384, blockRows = tileRows * 8, blockColumns = 256;
// What is packed at a time for all threads.
constexpr int64_t sharedRows = tileRows * 256, sharedColumns = 4096;

// out[i·ld + j] = Σ_k a[k·tileRows + i] · b[k·tileColumns + j] + start[i·ld + j] (start null for none).
__attribute__((noinline)) void tile(int64_t K, const float* a, const float* b, float* out, int64_t ld, const float* start,
                                    int64_t startLd) {
  vf sum[tileRows][tileVectors];
#pragma GCC unroll 16
  for (int i = 0; i < tileRows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < tileVectors; j++) sum[i][j] = vf{};
  for (int64_t k = 0; k < K; k++) {
    vf row[tileVectors];
#pragma GCC unroll 4
    for (int j = 0; j < tileVectors; j++) row[j] = load(b + j * W);
#pragma GCC unroll 16
    for (int i = 0; i < tileRows; i++) {
      const vf x = broadcast(a[i]);
#pragma GCC unroll 4
      for (int j = 0; j < tileVectors; j++) sum[i][j] += x * row[j];
    }
    a += tileRows;
    b += tileColumns;
  }
#pragma GCC unroll 16
  for (int i = 0; i < tileRows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < tileVectors; j++) {
      const vf begin = start != nullptr ? load(start + i * startLd + j * W) : vf{};
      store(out + i * ld + j * W, sum[i][j] + begin);
    }
}

// A tile at the edge of C: computed whole beside it, then the part that exists is added.
void edgeTile(int64_t K, const float* a, const float* b, float* c, int64_t ldc, const float* start, int64_t rows,
              int64_t columns) {
  alignas(64) float whole[tileRows * tileColumns];
  tile(K, a, b, whole, tileColumns, nullptr, 0);
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++)
      c[i * ldc + j] = whole[i * tileColumns + j] + (start != nullptr ? start[i * ldc + j] : 0.0f);
}

// Runs task 0 … tasks−1 on the pool, or on this thread if it is within a task already.
template <typename Body>
void share(Pool* pool, int64_t tasks, Body body) {
  if (pool != nullptr) parallel(*pool, tasks, [&](int64_t task, int) { body(task); });
  else for (int64_t task = 0; task < tasks; task++) body(task);
}

struct Split {
  int64_t rows, columns;
};

// The block of tiles that is one task: smaller where there would be too few for the threads. Which tasks there are does
// not change any sum.
Split splitOf(const Pool* pool, int64_t rows, int64_t columns) {
  Split split = {blockRows, blockColumns};
  const int64_t wanted = pool != nullptr ? pool->threads() * 6 : 1;
  while (pool != nullptr && pool->threads() > 1 && split.columns > tileColumns &&
         ceilDivide(rows, split.rows) * ceilDivide(columns, split.columns) < wanted) {
    if (split.rows > tileRows * 4) split.rows /= 2;
    else split.columns /= 2;
  }
  return split;
}

void run(Pool* pool, const Gemm& g, float* workA, float* workB, int64_t n0, int64_t columns, int64_t k0, int64_t K) {
  const float* startAll = k0 == 0 ? g.start : g.c;
  const int64_t panelsB = ceilDivide(columns, tileColumns), panelB = tileColumns * K, panelA = tileRows * K;
  for (int64_t m0 = 0; m0 < g.M; m0 += sharedRows) {
    const int64_t rows = smaller(sharedRows, g.M - m0), panelsA = ceilDivide(rows, tileRows);
    // 1. Pack the panels of A, and those of B with the first block of rows; a few panels a task.
    constexpr int64_t group = 4;
    const int64_t groupsA = ceilDivide(panelsA, group), groupsB = m0 == 0 ? ceilDivide(panelsB, group) : 0;
    share(pool, groupsA + groupsB, [&](int64_t task) {
      if (task < groupsA) {
        const int64_t i = task * group * tileRows, row = m0 + i;
        pack<tileRows>(workA + i * K, {g.a, DType::f32}, row * g.aRow + k0 * g.aK, g.aRow, g.aK,
                       smaller(group * tileRows, rows - i), K);
      } else {
        const int64_t j = (task - groupsA) * group * tileColumns, column = n0 + j;
        pack<tileColumns>(workB + j * K, g.b, column * g.bColumn + k0 * g.bK, g.bColumn, g.bK,
                          smaller(group * tileColumns, columns - j), K);
      }
    });
    // 2. Blocks of tiles.
    const Split split = splitOf(pool, rows, columns);
    const int64_t blocksM = ceilDivide(rows, split.rows), blocksN = ceilDivide(columns, split.columns);
    share(pool, blocksM * blocksN, [&](int64_t task) {
      const int64_t rowBegin = task / blocksN * split.rows, rowEnd = smaller(rows, rowBegin + split.rows);
      const int64_t begin = task % blocksN * split.columns, end = smaller(columns, begin + split.columns);
      for (int64_t j = begin; j < end; j += tileColumns)
        for (int64_t i = rowBegin; i < rowEnd; i += tileRows) {
          const float* a = workA + i / tileRows * panelA;
          const float* b = workB + j / tileColumns * panelB;
          const int64_t at = (m0 + i) * g.ldc + n0 + j;
          const float* start = startAll != nullptr ? startAll + at : nullptr;
          if (rowEnd - i >= tileRows && end - j >= tileColumns) tile(K, a, b, g.c + at, g.ldc, start, g.ldc);
          else edgeTile(K, a, b, g.c + at, g.ldc, start, smaller(tileRows, rowEnd - i), smaller(tileColumns, end - j));
        }
    });
  }
}

void blocks(Pool* shared, Pool& pool, int thread, const Gemm& g) {
  const int64_t kBlocks = greater(1, ceilDivide(g.K, blockK)), stepK = ceilDivide(g.K, kBlocks);
  const int64_t rows = ceilDivide(smaller(g.M, sharedRows), tileRows) * tileRows;
  const int64_t columns = ceilDivide(smaller(g.N, sharedColumns), tileColumns) * tileColumns;
  float* workA = pool.scratch(thread, packedA, rows * stepK + W);
  float* workB = pool.scratch(thread, packedB, columns * stepK + W);
  for (int64_t n = 0; n < g.N; n += sharedColumns)
    for (int64_t k = 0; k < g.K; k += stepK)
      run(shared, g, workA, workB, n, smaller(sharedColumns, g.N - n), k, smaller(stepK, g.K - k));
}

}  // namespace

void gemm(Pool& pool, const Gemm& g) {
  // Waking the others costs more than a product of this size.
  const bool small = g.M * g.N * g.K < 100000;
  blocks(small ? nullptr : &pool, pool, 0, g);
}

void gemmSerial(Pool& pool, int thread, const Gemm& g) { blocks(nullptr, pool, thread, g); }

}  // namespace strata::STRATA_ISA
