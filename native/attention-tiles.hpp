// The tiles of attention's products, by vectors or by the tiles of AMX. Rows of A are processed `rows` at a time,
// columns of B in panels of `panelColumns`:
//
//   strips of A   [strip][rows][panelColumns]   rows, split every panelColumns elements; as words, `stripWords` a row
//   panels of B   [panel][word][panelColumns]   packed as in gemm
//   columns of A  of a block of up to blockRows rows and blockKeys columns, words along the rows, for products
//                 with its transpose: panels in an order of the tile's own
#pragma once
#include "matrix-tile.hpp"
#include "pack.hpp"

namespace strata::STRATA_ISA {

// Columns of a panel, for all tiles.
constexpr int panelColumns = 2 * W;
// Columns of a block that is also used transposed.
#if STRATA_WIDTH == 16
constexpr int64_t blockKeys = 224;
#else
constexpr int64_t blockKeys = 192;
#endif
static_assert(blockKeys % panelColumns == 0, "panels fill a block");

// Sums are held in registers: rows × 2 accumulators, 2 vectors of B, one word of A.
template <Product of>
struct VectorTiles {
  static constexpr Product product = of;
#if STRATA_WIDTH == 16
  static constexpr int rows = 14;
#else
  static constexpr int rows = 6;
#endif
  static constexpr int64_t blockTiles = 8, blockRows = blockTiles * rows, stripSize = rows * panelColumns;
  static constexpr int64_t stripWords = panelColumns / elementsPerWord<product>;
  static_assert(rows % 2 == 0 && blockKeys % rows == 0, "a tile has whole words, a block whole tiles");
  // What a thread needs while it multiplies.
  struct Session {};
  // Of a row in a panel: at least those of its elements, zeros follow.
  static int64_t words(int64_t elements) { return wordsOf<product>(elements); }

  // c [rows, panelColumns] = start + A·B over `words` words: A in strips, B one panel; start has the layout of c or is
  // null.
  static void multiply(float* c, int64_t ld, const float* start, const float* a, const float* b, int64_t words) {
    multiplyVectors<2>(c, ld, start, a, b, words);
  }
  // The same for the first `columns` columns of a panel at least.
  STRATA_INLINE void multiply(float* c, int64_t ld, const float* start, const float* a, const float* b, int64_t words,
                              int64_t columns) {
    if (columns > W) multiplyVectors<2>(c, ld, start, a, b, words);
    else multiplyVectors<1>(c, ld, start, a, b, words);
  }

  // Columns of A: [word][blockKeys].
  static constexpr int64_t columnStep = blockKeys, rowWords = rows / elementsPerWord<product>;
  static float* columnsOf(float* a, int64_t tile, int64_t panel) {
    return a + tile * rowWords * blockKeys + panel * panelColumns;
  }
  // After all words of a panel of a tile were stored, columnStep apart.
  static void finishColumns(float*) {}
  static void clearColumns(float* a, int64_t tile, int64_t first, int64_t end) {
    for (int64_t w = 0; w < rowWords; w++)
      std::memset(columnsOf(a, tile, first) + w * blockKeys, 0,
                  static_cast<size_t>((end - first) * panelColumns) * sizeof(float));
  }
  // c [rows, panelColumns] = start + Aᵀ·B: columns `key` … of A over the rows of `tiles` tiles, B one panel from there.
  __attribute__((noinline)) static void multiplyColumns(float* c, int64_t ld, const float* start, const float* a,
                                                        int64_t firstTile, int64_t tiles, int64_t key, const float* b) {
    const int64_t word = firstTile * rowWords;
    vf sum[rows][2];
    loadSums<2>(sum, start, ld);
    addProducts<2, 1, blockKeys>(sum, a + word * blockKeys + key, b + word * panelColumns, tiles * rowWords);
    storeSums<2>(c, ld, sum);
  }

 private:
  // sum[i][j] += Σ_k a[i·rowStep + k·wordStep] · b[k·panelColumns + j·W …]
  template <int vectors, int rowStep, int wordStep>
  STRATA_INLINE void addProducts(vf (&sum)[rows][vectors], const float* a, const float* b, int64_t words) {
    for (int64_t k = 0; k < words; k++) {
      vf row[vectors];
#pragma GCC unroll 2
      for (int j = 0; j < vectors; j++) row[j] = load(b + j * W);
#pragma GCC unroll 14
      for (int i = 0; i < rows; i++) {
        const vf x = broadcastWord(a + i * rowStep);
#pragma GCC unroll 2
        for (int j = 0; j < vectors; j++) sum[i][j] = addProduct<product>(sum[i][j], x, row[j]);
      }
      a += wordStep;
      b += panelColumns;
    }
  }
  template <int vectors>
  STRATA_INLINE void loadSums(vf (&sum)[rows][vectors], const float* c, int64_t ld) {
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
      for (int j = 0; j < vectors; j++) sum[i][j] = c != nullptr ? load(c + i * ld + j * W) : vf{};
  }
  template <int vectors>
  STRATA_INLINE void storeSums(float* c, int64_t ld, const vf (&sum)[rows][vectors]) {
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
      for (int j = 0; j < vectors; j++) store(c + i * ld + j * W, sum[i][j]);
  }
  template <int vectors>
  __attribute__((noinline)) static void multiplyVectors(float* c, int64_t ld, const float* start, const float* a,
                                                        const float* b, int64_t words) {
    vf sum[rows][vectors];
    loadSums<vectors>(sum, start, ld);
    for (int64_t k = 0; k < words; k += stripWords) {
      addProducts<vectors, stripWords, 1>(sum, a, b, smaller(stripWords, words - k));
      a += stripSize;
      b += stripWords * panelColumns;
    }
    storeSums<vectors>(c, ld, sum);
  }
};

#if STRATA_PAIRS
// By tiles of bf16: a strip of A is a block of a matrix tile.
struct MatrixTiles {
  static constexpr Product product = Product::pairs;
  static constexpr int rows = matrixRows;
  static constexpr int64_t blockTiles = 4, blockRows = blockTiles * rows;
  static constexpr int64_t stripSize = rows * panelColumns, stripWords = blockWords;
  static_assert(panelColumns == matrixColumns && panelColumns == 2 * blockWords && rows == matrixColumns,
                "a strip is a block of 32 rows, and transposed again one");
  using Session = MatrixSession;
  static int64_t words(int64_t elements) { return matrixWords(elements); }

  static void multiply(float* c, int64_t ld, const float* start, const float* a, const float* b, int64_t words) {
    multiplyTiles(c, ld, start, {a, matrixStep, 4 * stripSize}, b, words / blockWords);
  }
  static void multiply(float* c, int64_t ld, const float* start, const float* a, const float* b, int64_t words,
                       int64_t) {
    multiply(c, ld, start, a, b, words);
  }

  // Columns of A: [tile][panel][column][word], so that a panel is a block of A's transpose.
  static constexpr int64_t columnStep = panelColumns, panelSize = rows / 2 * panelColumns;
  static constexpr int64_t tileStep = blockKeys / panelColumns * panelSize;
  static float* columnsOf(float* a, int64_t tile, int64_t panel) { return a + tile * tileStep + panel * panelSize; }
  // [word][column] becomes [column][word].
  static void finishColumns(float* panel) {
    vf left[W], right[W];
    for (int i = 0; i < W; i++) {
      left[i] = load(panel + i * panelColumns);
      right[i] = load(panel + i * panelColumns + W);
    }
    transposeStep<1>(left);
    transposeStep<1>(right);
    for (int i = 0; i < W; i++) {
      store(panel + i * blockWords, left[i]);
      store(panel + (W + i) * blockWords, right[i]);
    }
  }
  static void clearColumns(float* a, int64_t tile, int64_t first, int64_t end) {
    std::memset(columnsOf(a, tile, first), 0, static_cast<size_t>((end - first) * panelSize) * sizeof(float));
  }
  static void multiplyColumns(float* c, int64_t ld, const float* start, const float* a, int64_t firstTile,
                              int64_t tiles, int64_t key, const float* b) {
    const float* columns = a + firstTile * tileStep + key / panelColumns * panelSize;
    multiplyTiles(c, ld, start, {columns, matrixStep, 4 * tileStep}, b + firstTile * blockWords * panelColumns, tiles);
  }
};
#endif

// Calls use(tiles) with the tiles of the products in use.
template <typename Use>
STRATA_INLINE void withTiles(const Pool& pool, Use use) {
  if (pool.products() == DType::f32) return use(VectorTiles<Product::f32>());
#if STRATA_PAIRS
  if (pool.tiles()) return use(MatrixTiles());
  use(VectorTiles<Product::pairs>());
#else
  use(VectorTiles<Product::rounded>());
#endif
}

}  // namespace strata::STRATA_ISA
