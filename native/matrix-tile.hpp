// Tiles of bf16 products: 32 × 32 sums in four tile registers of AMX, or the same computed without them. Operands are
// words, pairs of bf16; a block is 16 words of a row.
#pragma once
#include "pack.hpp"

#if STRATA_PAIRS
namespace strata::STRATA_ISA {

constexpr int matrixRows = 32, matrixColumns = 32, blockWords = 16;
// Bytes of a block of a row.
constexpr int64_t matrixStep = 4 * blockWords;
// Words of a row of K elements in whole blocks.
STRATA_INLINE int64_t matrixWords(int64_t K) { return ceilDivide(K, 2 * blockWords) * blockWords; }

// sums[i · ld + j] = start[i · ld + j] + Σ over blocks of tile products; start null for none. a: 32 rows, a step is a
// block; b: [16 · blocks words][32 columns]. The order of TDPBF16PS: in a block, the lower and the upper halves of all
// words are added up apart, each product with one rounding, then both sums are added to each other and to the tile.
// Subnormals are 0.
STRATA_INLINE void emulateTiles(float* sums, int64_t ld, const float* start, const OperandRows& a, const float* b,
                                int64_t blocks) {
  static_assert(W == blockWords);
  const char* first = static_cast<const char*>(a.first);
  // Both halves of a word, and the lower and upper halves of a row's words with what `multiplyAddNormal` needs of them.
  struct Halves {
    vf lower, upper;
  };
  struct Row {
    alignas(64) float lower[W], upper[W], scaledLower[W], scaledUpper[W];
  };
  const auto halves = [](const void* words) {
    const vu both = (vu)load(words);
    return Halves{flushed((vf)(both << 16)), flushed((vf)(both & 0xffff0000u))};
  };
  for (int j = 0; j < matrixColumns; j += W) {
    vf sum[matrixRows];
    for (int i = 0; i < matrixRows; i++) sum[i] = start != nullptr ? flushed(load(start + i * ld + j)) : vf{};
    for (int64_t block = 0; block < blocks; block++) {
      Halves columns[blockWords];
      for (int k = 0; k < blockWords; k++) columns[k] = halves(b + (block * blockWords + k) * matrixColumns + j);
      for (int i = 0; i < matrixRows; i++) {
        const Halves words = halves(first + block * a.step + i * a.row);
        Row row;
        store(row.lower, words.lower);
        store(row.upper, words.upper);
        store(row.scaledLower, words.lower * 0x1p32f);
        store(row.scaledUpper, words.upper * 0x1p32f);
        vf lower = {}, upper = {};
        for (int k = 0; k < blockWords; k++) {
          lower = multiplyAddNormal(broadcast(row.lower[k]), broadcast(row.scaledLower[k]), columns[k].lower, lower);
          upper = multiplyAddNormal(broadcast(row.upper[k]), broadcast(row.scaledUpper[k]), columns[k].upper, upper);
        }
        sum[i] = flushed(sum[i] + flushed(lower + upper));
      }
    }
    for (int i = 0; i < matrixRows; i++) store(sums + i * ld + j, sum[i]);
  }
}

#if STRATA_512
// As `emulateTiles`, by the processor's tiles, which `MatrixSession` has configured. Tiles 0 … 3 are sums, 4 and 5 rows
// of A, 6 and 7 columns of B. Written in assembly: compilers neither allocate tiles nor need their flags for this.
STRATA_INLINE void multiplyTiles(float* sums, int64_t ld, const float* start, const OperandRows& a, const float* b,
                                 int64_t blocks) {
  const int64_t aStride = a.row, bStride = matrixColumns * 4, stride = ld * 4;
  const char* top = static_cast<const char*>(a.first);
  if (start == nullptr) {
    asm volatile("tilezero %%tmm0\n\ttilezero %%tmm1\n\ttilezero %%tmm2\n\ttilezero %%tmm3" ::: "memory");
  } else {
    const float* bottom = start + blockWords * ld;
    asm volatile(
        "tileloadd (%[top],%[stride],1), %%tmm0\n\t"
        "tileloadd (%[topRight],%[stride],1), %%tmm1\n\t"
        "tileloadd (%[bottom],%[stride],1), %%tmm2\n\t"
        "tileloadd (%[bottomRight],%[stride],1), %%tmm3" ::[top] "r"(start),
        [topRight] "r"(start + blockWords), [bottom] "r"(bottom), [bottomRight] "r"(bottom + blockWords),
        [stride] "r"(stride)
        : "memory");
  }
  for (int64_t block = 0; block < blocks; block++) {
    asm volatile(
        "tileloadd (%[a0],%[aStride],1), %%tmm4\n\t"
        "tileloadd (%[b0],%[bStride],1), %%tmm6\n\t"
        "tdpbf16ps %%tmm6, %%tmm4, %%tmm0\n\t"
        "tileloadd (%[b1],%[bStride],1), %%tmm7\n\t"
        "tdpbf16ps %%tmm7, %%tmm4, %%tmm1\n\t"
        "tileloadd (%[a1],%[aStride],1), %%tmm5\n\t"
        "tdpbf16ps %%tmm6, %%tmm5, %%tmm2\n\t"
        "tdpbf16ps %%tmm7, %%tmm5, %%tmm3" ::[a0] "r"(top),
        [a1] "r"(top + blockWords * aStride), [b0] "r"(b), [b1] "r"(b + blockWords), [aStride] "r"(aStride),
        [bStride] "r"(bStride)
        : "memory");
    top += a.step;
    b += blockWords * matrixColumns;
  }
  float* bottom = sums + blockWords * ld;
  asm volatile(
      "tilestored %%tmm0, (%[top],%[stride],1)\n\t"
      "tilestored %%tmm1, (%[topRight],%[stride],1)\n\t"
      "tilestored %%tmm2, (%[bottom],%[stride],1)\n\t"
      "tilestored %%tmm3, (%[bottomRight],%[stride],1)" ::[top] "r"(sums),
      [topRight] "r"(sums + blockWords), [bottom] "r"(bottom), [bottomRight] "r"(bottom + blockWords),
      [stride] "r"(stride)
      : "memory");
}

// Configures the tiles of this thread: eight of 16 rows of 64 bytes; releases them at its end.
struct MatrixSession {
  MatrixSession() {
    alignas(64) uint8_t configuration[64] = {1};
    for (int tile = 0; tile < 8; tile++) {
      configuration[16 + 2 * tile] = 64;
      configuration[48 + tile] = 16;
    }
    // The clobber keeps the writes above.
    asm volatile("ldtilecfg (%0)" ::"r"(configuration) : "memory");
  }
  ~MatrixSession() { asm volatile("tilerelease" ::: "memory"); }
  MatrixSession(const MatrixSession&) = delete;
  MatrixSession& operator=(const MatrixSession&) = delete;
};
#else
STRATA_INLINE void multiplyTiles(float* sums, int64_t ld, const float* start, const OperandRows& a, const float* b,
                                 int64_t blocks) {
  emulateTiles(sums, ld, start, a, b, blocks);
}
struct MatrixSession {};
#endif

// Packs rows of A, 32 after 32: block after block of a panel, the words of a row side by side; zeros fill both ends.
template <Product product>
struct RowPacking {
  float* panels;
  Elements source;
  int64_t offset, rowStride, kStride, rows, K, words;
  // From one panel to the next.
  int64_t panelWords = words;

  static_assert(W == blockWords, "a vector has the words of a row of a block");
  static constexpr int64_t panelsPerTask = 4, blocksPerTask = 4;
  int64_t blocks() const { return words / blockWords; }
  int64_t tasks() const {
    return kStride == 1 ? ceilDivide(rows, panelsPerTask * matrixRows) : ceilDivide(blocks(), blocksPerTask);
  }
  void run(int64_t task) const {
    withDType(source.dtype, [&](auto dtype) { runAs<decltype(dtype)::value>(task); });
  }
  template <DType dtype>
  void runAs(int64_t task) const {
    const bool isContiguous = kStride == 1;
    const int64_t firstRow = isContiguous ? task * panelsPerTask * matrixRows : 0;
    const int64_t lastRow = isContiguous ? smaller(rows, firstRow + panelsPerTask * matrixRows) : rows;
    const int64_t firstBlock = isContiguous ? 0 : task * blocksPerTask;
    const int64_t lastBlock = isContiguous ? blocks() : smaller(blocks(), firstBlock + blocksPerTask);
    if (isContiguous) {
      for (int64_t row = firstRow; row < lastRow; row += blockWords)
        for (int64_t block = firstBlock; block < lastBlock; block++) packRows<dtype>(row, block);
    } else {
      for (int64_t block = firstBlock; block < lastBlock; block++)
        for (int64_t row = firstRow; row < lastRow; row += blockWords) packColumns<dtype>(row, block);
    }
    // The second half of a panel that has rows in its first only.
    for (int64_t row = ceilDivide(lastRow, blockWords) * blockWords; row % matrixRows != 0; row += blockWords)
      for (int64_t block = firstBlock; block < lastBlock; block++)
        for (int i = 0; i < blockWords; i++) store(at(row, block) + i * blockWords, vf{});
  }
  float* at(int64_t row, int64_t block) const {
    return panels + row / matrixRows * matrixRows * panelWords + (block * matrixRows + row % matrixRows) * blockWords;
  }
  // 16 rows of a block, each contiguous.
  template <DType dtype>
  void packRows(int64_t row, int64_t block) const {
    const int64_t first = block * blockWords * 2, left = rows - row;
    float* to = at(row, block);
    for (int64_t i = 0; i < blockWords; i++)
      store(to + i * blockWords,
            i < left && first < K
                ? loadWords<dtype, product>(source.data, offset + (row + i) * rowStride + first, K - first)
                : vf{});
  }
  // 16 adjacent rows of a block.
  template <DType dtype>
  void packColumns(int64_t row, int64_t block) const {
    const int64_t first = block * blockWords * 2, left = rows - row;
    // At the end of a line the beginning of the next block.
    const int64_t fetched = elementsAhead < left ? elementsAhead : 2 * blockWords * kStride + elementsAhead - rows;
    vf words[W];
    for (int64_t k = 0; k < W; k++) {
      const int64_t element = first + 2 * k, from = offset + element * kStride + row;
      for (const int64_t line : {from, from + kStride}) __builtin_prefetch(elementsFrom(source, line + fetched).data);
      words[k] = element < K
                     ? joinWords<dtype, product>(source.data, from, from + kStride, element + 1 < K, smaller(W, left))
                     : vf{};
    }
    transposeStep<1>(words);
    float* to = at(row, block);
    for (int i = 0; i < W; i++) store(to + i * blockWords, words[i]);
  }
};

}  // namespace strata::STRATA_ISA
#endif
