#include "gemm.hpp"

#include "gemm-tiles.hpp"

namespace strata::STRATA_ISA {
namespace {

// Size of the parts that are packed in one step, for all threads.
constexpr int64_t sharedTiles = 256, sharedColumns = 4096;

// Runs task 0 … tasks−1 on the pool, or on this thread if it already runs a task.
template <typename Body>
void share(Pool* pool, int64_t tasks, Body body) {
  if (pool != nullptr) parallel(*pool, tasks, [&](int64_t task, int) { body(task); });
  else
    for (int64_t task = 0; task < tasks; task++) body(task);
}

struct Split {
  int64_t rows, columns;
};

// The block of tiles of one task; smaller if there would be too few tasks for the threads. The division into tasks does
// not change any sum.
template <typename Tile>
Split splitOf(const Pool* pool, int64_t rows, int64_t columns) {
  Split split = {Tile::blockRows, Tile::blockColumns};
  const int64_t wanted = pool != nullptr ? pool->threads() * 6 : 1;
  while (pool != nullptr && pool->threads() > 1 && split.columns > Tile::columns &&
         ceilDivide(rows, split.rows) * ceilDivide(columns, split.columns) < wanted) {
    if (split.rows > Tile::rows * 4) split.rows /= 2;
    else split.columns /= 2;
  }
  return split;
}

// The step length, a multiple of `unit` and at most `most`, that divides the whole into steps of nearly equal length.
int64_t evenStep(int64_t length, int64_t most, int64_t unit) {
  return ceilDivide(ceilDivide(length, greater(1, ceilDivide(length, most))), unit) * unit;
}

// Memory of a packed operand.
struct Panels {
  float* memory;
  // Whether all of it is packed in one step and stays there for the next product; whether the previous one packed it.
  bool isKept, isPacked;
};

struct Workspace {
  Panels a, b;
  int64_t rows, columns, k;
  // Whether rows of A that fill tiles are read where they are; only the others are packed.
  bool inPlace;
};

// `rows` rows of k elements, `words` words each, are packed in one step. An operand of more steps is not kept: its
// parts would leave the caches, which costs more than packing it again.
Panels panelsOf(Pool& pool, int thread, Slot slot, const PackedOperand& operand, bool isSame, int64_t rows, int64_t k,
                int64_t words) {
  const bool isKept = operand.rows <= rows && operand.K <= k;
  // Other threads work on products of their own, with memory of their own.
  const bool isPacked = thread == 0 && isKept && isSame && pool.packed(slot) == operand;
  const Panels panels = {pool.scratch(thread, slot, rows * words + W), isKept, isPacked};
  if (thread == 0 && isKept) pool.packed(slot) = operand;
  return panels;
}

// Columns n0 … of C from elements k0 … k0 + K.
template <typename Tile, DType out>
void run(Pool* pool, const Gemm& g, const Workspace& work, int64_t n0, int64_t columns, int64_t k0, int64_t K) {
  const float* startAll = k0 == 0 ? g.start : static_cast<const float*>(g.c.data);
  const int64_t words = Tile::words(K), panelA = Tile::rows * words, panelB = Tile::columns * words;
  float *a = work.a.memory, *b = work.b.memory;
  const bool packsA = !work.a.isPacked && !(work.a.isKept && n0 > 0);
  for (int64_t m0 = 0; m0 < g.M; m0 += work.rows) {
    const int64_t rows = smaller(work.rows, g.M - m0);
    const int64_t firstPacked = work.inPlace ? rows / Tile::rows * Tile::rows : 0;
    const auto rowsFrom = [&](int64_t i) -> OperandRows {
      if (i >= firstPacked) return Tile::packed(a + (i - firstPacked) / Tile::rows * panelA);
      return {elementsFrom(g.a, (m0 + i) * g.aRow + k0).data, g.aRow * elementBytes(g.a.dtype), Tile::stepInPlace};
    };
    // 1. Pack the panels of A and, with the first block of rows, those of B.
    const typename Tile::PackA packA = {
        a, g.a, (m0 + firstPacked) * g.aRow + k0 * g.aK, g.aRow, g.aK, rows - firstPacked, K, words};
    const typename Tile::PackB packB = {b, g.b, n0 * g.bColumn + k0 * g.bK, g.bColumn, g.bK, columns, K, words};
    const int64_t tasksA = packsA ? packA.tasks() : 0, tasksB = m0 == 0 && !work.b.isPacked ? packB.tasks() : 0;
    share(pool, tasksA + tasksB, [&](int64_t task) {
      if (task < tasksA) packA.run(task);
      else packB.run(task - tasksA);
    });
    // 2. Multiply block by block of tiles.
    const Split split = splitOf<Tile>(pool, rows, columns);
    const int64_t blocksM = ceilDivide(rows, split.rows), blocksN = ceilDivide(columns, split.columns);
    share(pool, blocksM * blocksN, [&](int64_t task) {
      [[maybe_unused]] const typename Tile::Session session;
      const int64_t rowBegin = task / blocksN * split.rows, rowEnd = smaller(rows, rowBegin + split.rows);
      const int64_t begin = task % blocksN * split.columns, end = smaller(columns, begin + split.columns);
      for (int64_t j = begin; j < end; j += Tile::columns)
        for (int64_t i = rowBegin; i < rowEnd; i += Tile::rows) {
          if (g.lower && n0 + j >= m0 + i + Tile::rows) continue;
          const int64_t at = (m0 + i) * g.ldc + n0 + j;
          Tile::template multiply<out>(words, rowsFrom(i), b + j / Tile::columns * panelB, elementAt<out>(g.c.data, at),
                                       g.ldc, startAll != nullptr ? startAll + at : nullptr, rowEnd - i, end - j);
        }
    });
  }
}

template <typename Tile, DType out>
void blocks(Pool* shared, const Gemm& g, const Workspace& work) {
  for (int64_t n = 0; n < g.N; n += work.columns)
    for (int64_t k = 0; k < g.K; k += work.k)
      run<Tile, out>(shared, g, work, n, smaller(work.columns, g.N - n), k, smaller(work.k, g.K - k));
}

template <typename Tile>
void multiply(Pool* shared, Pool& pool, int thread, const Gemm& g) {
  Workspace work;
  work.rows = evenStep(g.M, sharedTiles * Tile::rows, Tile::rows);
  work.columns = evenStep(g.N, sharedColumns, Tile::columns);
  work.k = evenStep(g.K, Tile::blockK, Tile::unit);
  const int64_t words = Tile::words(work.k);
  const PackedOperand a = {g.a.data, g.a.dtype, g.M, g.K, g.aRow, g.aK};
  const PackedOperand b = {g.b.data, g.b.dtype, g.N, g.K, g.bColumn, g.bK};
  work.inPlace = Tile::readsInPlace(g);
  work.a = panelsOf(pool, thread, packedA, a, g.sameA && !work.inPlace, work.inPlace ? Tile::rows : work.rows, work.k,
                    words);
  work.b = panelsOf(pool, thread, packedB, b, g.sameB, work.columns, work.k, words);
  if (g.c.dtype == DType::f32) return blocks<Tile, DType::f32>(shared, g, work);
  if (g.K <= work.k) return blocks<Tile, DType::bf16>(shared, g, work);
  // Sums over several k-blocks stay f32 and are rounded once.
  Gemm wide = g;
  float* whole = pool.scratch(thread, sums, g.M * g.N);
  wide.c = {whole, DType::f32};
  wide.ldc = g.N;
  wide.start = nullptr;
  blocks<Tile, DType::f32>(shared, wide, work);
  share(shared, g.M, [&](int64_t m) {
    for (int64_t n = 0; n < g.N; n += W) {
      const int64_t at = m * g.ldc + n, part = g.N - n;
      const vf begin = g.start != nullptr ? loadUpTo(g.start + at, part) : vf{};
      storeElements<DType::bf16>(g.c.data, at, loadUpTo(whole + m * g.N + n, part) + begin, part);
    }
  });
}

void multiplyAs(Pool* shared, Pool& pool, int thread, const Gemm& g) {
#if STRATA_PAIRS
  if (pool.products() == DType::f32 && pool.tiles()) {
    const bool onePartA = g.a.dtype == DType::bf16, onePartB = g.b.dtype == DType::bf16;
    if (onePartA && onePartB) return multiply<PartsTile<true, true>>(shared, pool, thread, g);
    if (onePartA) return multiply<PartsTile<true, false>>(shared, pool, thread, g);
    if (onePartB) return multiply<PartsTile<false, true>>(shared, pool, thread, g);
    return multiply<PartsTile<false, false>>(shared, pool, thread, g);
  }
#endif
  if (pool.products() == DType::f32) return multiply<VectorTile<Product::f32>>(shared, pool, thread, g);
#if STRATA_PAIRS
  if (pool.tiles()) return multiply<MatrixTile>(shared, pool, thread, g);
  multiply<VectorTile<Product::pairs>>(shared, pool, thread, g);
#else
  multiply<VectorTile<Product::rounded>>(shared, pool, thread, g);
#endif
}

}  // namespace

void gemm(Pool& pool, const Gemm& g) {
  // Waking other threads costs more than a product of this size.
  const bool small = g.M * g.N * g.K < 100000;
  multiplyAs(small ? nullptr : &pool, pool, 0, g);
}

void gemmSerial(Pool& pool, int thread, const Gemm& g) { multiplyAs(nullptr, pool, thread, g); }

#if STRATA_PAIRS && STRATA_512
// Whether the tiles of this processor compute what `emulateTiles` does.
bool tilesAgree();
bool tilesAgree() {
  constexpr int blocks = 3;
  constexpr int64_t step = matrixRows * blockWords;
  alignas(64) float a[blocks * step], b[blocks * blockWords * matrixColumns], start[matrixRows * matrixColumns];
  uint32_t state = 1;
  const auto fill = [&](float* words, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
      // Two bf16 between 1/8 and 8, of both signs.
      uint32_t bits = 0;
      for (int half = 0; half < 2; half++) {
        state = state * 1664525u + 1013904223u;
        bits = bits << 16 | (state >> 16 & 0x8000u) | ((0x3e00u + (state >> 12 & 0x2ffu)) & 0x7fffu);
      }
      words[i] = floatOfBits(bits);
    }
  };
  fill(a, blocks * step);
  fill(b, blocks * blockWords * matrixColumns);
  fill(start, matrixRows * matrixColumns);
  alignas(64) float found[matrixRows * matrixColumns], expected[matrixRows * matrixColumns];
  bool agree = true;
  for (const float* from : {static_cast<const float*>(nullptr), static_cast<const float*>(start)}) {
    {
      const MatrixSession session;
      multiplyTiles(found, matrixColumns, from, packedMatrixRows(a), b, blocks);
    }
    emulateTiles(expected, matrixColumns, from, packedMatrixRows(a), b, blocks);
    agree = agree && std::memcmp(found, expected, sizeof found) == 0;
  }
  return agree;
}
#endif

}  // namespace strata::STRATA_ISA
