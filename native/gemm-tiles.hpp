// How the operands of a tile of C are packed, or read in place, and multiplied: by vectors, by tiles of bf16, or in
// parts of f32 by these.
#pragma once
#include "gemm.hpp"
#include "matrix-tile.hpp"
#include "pack.hpp"

namespace strata::STRATA_ISA {
namespace {

// A tile of C is held in registers: tileRows × tileVectors accumulators, tileVectors vectors of B, one of A.
#if STRATA_WIDTH == 16
constexpr int tileRows = 14, tileVectors = 2;
#else
constexpr int tileRows = 6, tileVectors = 2;
#endif
constexpr int tileColumns = tileVectors * W;

// out[i·ld + j] = Σ_k a[i, k] · b[k·tileColumns + j] + start[i·ld + j] (start null for none); K words.
template <Product product, DType out>
__attribute__((noinline)) void tile(int64_t K, const OperandRows& a, const float* b, void* c, int64_t ld,
                                    const float* start, int64_t startLd) {
  vf sum[tileRows][tileVectors];
#pragma GCC unroll 16
  for (int i = 0; i < tileRows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < tileVectors; j++) sum[i][j] = vf{};
  // Of every third row, as an address can add a register once or twice.
  constexpr int pointers = (tileRows + 2) / 3;
  const char* rows[pointers];
#pragma GCC unroll 16
  for (int i = 0; i < pointers; i++) rows[i] = static_cast<const char*>(a.first) + 3 * i * a.row;
  const int64_t rowBytes = a.row, stepBytes = a.step;
  for (int64_t k = 0; k < K; k++) {
    vf row[tileVectors];
#pragma GCC unroll 4
    for (int j = 0; j < tileVectors; j++) row[j] = load(b + j * W);
#pragma GCC unroll 16
    for (int i = 0; i < tileRows; i++) {
      const vf x = broadcastWord(rows[i / 3] + i % 3 * rowBytes);
#pragma GCC unroll 4
      for (int j = 0; j < tileVectors; j++) sum[i][j] = addProduct<product>(sum[i][j], x, row[j]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < pointers; i++) rows[i] += stepBytes;
    b += tileColumns;
  }
#pragma GCC unroll 16
  for (int i = 0; i < tileRows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < tileVectors; j++) {
      const vf begin = start != nullptr ? load(start + i * startLd + j * W) : vf{};
      storeElements<out>(c, i * ld + j * W, sum[i][j] + begin, W);
    }
}

// Adds `start` to a tile that was computed completely, and stores the part of it that is inside C.
template <DType out>
STRATA_INLINE void storeWhole(const float* whole, int64_t wholeColumns, void* c, int64_t ldc, const float* start,
                              int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j += W) {
      const int64_t part = columns - j;
      const vf begin = start != nullptr ? loadUpTo(start + i * ldc + j, part) : vf{};
      storeElements<out>(c, i * ldc + j, load(whole + i * wholeColumns + j) + begin, part);
    }
}

// Whether the rows of A are words of the product in whole steps already.
template <Product product>
bool consistsOfWords(const Gemm& g, int64_t wordsPerStep) {
  if (g.aK != 1 || g.K % (wordsPerStep * elementsPerWord<product>) != 0) return false;
  return (product == Product::f32 && g.a.dtype == DType::f32) ||
         (product == Product::pairs && g.a.dtype == DType::bf16);
}

// By vectors, words of k one after the other.
template <Product product>
struct VectorTile {
  static constexpr int rows = tileRows, columns = tileColumns;
  // Words of one k-block: a panel of A and one of B stay in the L1 cache, a block of tiles in the L2 cache.
  static constexpr int64_t blockK = 1024 * elementsPerWord<product>, unit = 2;
  static constexpr int64_t blockRows = rows * 8, blockColumns = 256;
  using PackA = Packing<product, rows>;
  using PackB = Packing<product, columns>;
  // What a thread needs while it multiplies.
  struct Session {};
  static int64_t words(int64_t elements) { return wordsOf<product>(elements); }
  static constexpr int64_t stepInPlace = 4;
  static OperandRows packed(const float* panel) { return {panel, 4, 4 * rows}; }
  // Rows at a distance of whole pages share a set of the L1 cache, which has fewer lines than a tile has rows.
  static bool readsInPlace(const Gemm& g) {
    return consistsOfWords<product>(g, 1) && g.aRow * elementBytes(g.a.dtype) % pageBytes != 0;
  }
  template <DType out>
  static void multiply(int64_t K, const OperandRows& a, const float* b, void* c, int64_t ldc, const float* start,
                       int64_t rowsInside, int64_t columnsInside) {
    if (rowsInside >= rows && columnsInside >= columns) return tile<product, out>(K, a, b, c, ldc, start, ldc);
    alignas(64) float whole[rows * columns];
    tile<product, DType::f32>(K, a, b, whole, columns, nullptr, 0);
    storeWhole<out>(whole, columns, c, ldc, start, smaller(rows, rowsInside), smaller(columns, columnsInside));
  }
};

#if STRATA_PAIRS
STRATA_INLINE OperandRows packedMatrixRows(const float* panel) { return {panel, matrixStep, matrixRows * matrixStep}; }
// A tile reads a line of each row: rows on pages of their own need more entries of the TLB than there are.
STRATA_INLINE bool matrixTilesReadInPlace(const Gemm& g) {
  return consistsOfWords<Product::pairs>(g, blockWords) && g.aRow * elementBytes(g.a.dtype) < pageBytes;
}

// By tiles of bf16, blocks of 32 elements of k one after the other.
struct MatrixTile {
  static constexpr int rows = matrixRows, columns = matrixColumns;
  // A panel of B stays in the L1 cache, a block of A in the L2 cache.
  static constexpr int64_t blockK = 512, unit = 2 * blockWords;
  static constexpr int64_t blockRows = rows * 8, blockColumns = 256;
  using PackA = RowPacking<Product::pairs>;
  using PackB = Packing<Product::pairs, columns>;
  using Session = MatrixSession;
  static int64_t words(int64_t elements) { return matrixWords(elements); }
  static constexpr int64_t stepInPlace = matrixStep;
  static OperandRows packed(const float* panel) { return packedMatrixRows(panel); }
  static bool readsInPlace(const Gemm& g) { return matrixTilesReadInPlace(g); }
  template <DType out>
  static void multiply(int64_t K, const OperandRows& a, const float* b, void* c, int64_t ldc, const float* start,
                       int64_t rowsInside, int64_t columnsInside) {
    if constexpr (out == DType::f32)
      if (start == nullptr && rowsInside >= rows && columnsInside >= columns)
        return multiplyTiles(static_cast<float*>(c), ldc, nullptr, a, b, K / blockWords);
    alignas(64) float whole[rows * columns];
    multiplyTiles(whole, columns, nullptr, a, b, K / blockWords);
    if (rowsInside >= rows && columnsInside >= columns)
      return storeWhole<out>(whole, columns, c, ldc, start, rows, columns);
    storeWhole<out>(whole, columns, c, ldc, start, smaller(rows, rowsInside), smaller(columns, columnsInside));
  }
};

template <Product product>
using ColumnPacking = Packing<product, matrixColumns>;

// Packs f32 as three parts, see `partOf`: those of a panel follow each other.
template <template <Product> typename Part, int rowsOfPanel>
struct PartsPacking {
  float* panels;
  Elements source;
  int64_t offset, rowStride, kStride, rows, K, words;

  int64_t parts() const { return source.dtype == DType::bf16 ? 1 : 3; }
  int64_t tasks() const { return parts() * part<Product::pairs>(0).tasks(); }
  void run(int64_t task) const {
    const int64_t each = tasks() / parts();
    if (task < each) part<Product::pairs>(0).run(task);
    else if (task < 2 * each) part<Product::rest>(1).run(task - each);
    else part<Product::lastRest>(2).run(task - 2 * each);
  }
  template <Product product>
  Part<product> part(int64_t number) const {
    return {panels + number * rowsOfPanel * words / 3, source, offset, rowStride, kStride, rows, K, words / 3, words};
  }
};

// f32 by tiles of bf16. Of the products of parts those count that are not below f32's own rounding, 2⁻²⁴ of the product
// of their operands: the smallest are added first. Elements that are bf16 already are one part. An infinite operand
// gives NaN.
template <bool onePartA, bool onePartB>
struct PartsTile {
  static constexpr int rows = matrixRows, columns = matrixColumns;
  static constexpr int64_t blockK = 256, unit = 2 * blockWords;
  static constexpr int64_t blockRows = rows * 4, blockColumns = 256;
  using PackA = PartsPacking<RowPacking, rows>;
  using PackB = PartsPacking<ColumnPacking, columns>;
  using Session = MatrixSession;
  static int64_t words(int64_t elements) { return 3 * matrixWords(elements); }
  static constexpr int64_t stepInPlace = matrixStep;
  static OperandRows packed(const float* panel) { return packedMatrixRows(panel); }
  static bool readsInPlace(const Gemm& g) { return onePartA && matrixTilesReadInPlace(g); }
  template <DType out>
  static void multiply(int64_t K, const OperandRows& a, const float* b, void* c, int64_t ldc, const float* start,
                       int64_t rowsInside, int64_t columnsInside) {
    constexpr int terms[6][2] = {{2, 0}, {1, 1}, {0, 2}, {1, 0}, {0, 1}, {0, 0}};
    const int64_t blocks = K / 3 / blockWords, partA = 4 * rows * K / 3, partB = columns * K / 3;
    alignas(64) float whole[rows * columns];
    const float* sum = nullptr;
    for (const auto& [i, j] : terms) {
      if ((onePartA && i > 0) || (onePartB && j > 0)) continue;
      const OperandRows part = {static_cast<const char*>(a.first) + i * partA, a.row, a.step};
      multiplyTiles(whole, columns, sum, part, b + j * partB, blocks);
      sum = whole;
    }
    storeWhole<out>(whole, columns, c, ldc, start, smaller(rows, rowsInside), smaller(columns, columnsInside));
  }
};
#endif

}  // namespace
}  // namespace strata::STRATA_ISA
