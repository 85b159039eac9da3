// The three products of a linear layer, with x [N,I], w [O,I], y [N,O]:
// y = x·wᵀ, dx = dy·w, dw = dyᵀ·x.
#include "gemm.hpp"
#include "pack.hpp"

namespace strata::STRATA_ISA {
namespace {

// Few rows (generation): w is read once and in place, because packing it would cost more than the product. The bits of
// a row's result do not depend on the other rows.
constexpr int64_t fewRows = 32;
// Sums held in registers: `rows` rows of x × registerSums/rows outputs.
constexpr int registerSums = W == 16 ? 16 : 8;
constexpr int mostRows = W == 16 ? 8 : 4;
// Outputs per tile, and words of x per step: the rows of a step stay in the L1 cache.
constexpr int64_t tileOutputs = 16, stepWords = 1024;
// Distance of prefetches in bytes.
constexpr int64_t ahead = 8192;
// Rows and columns of a block that is mirrored while it is in the L1 cache.
constexpr int64_t mirrorBlock = 32;

// x[0] ← the sums of the lanes of each of the W vectors, by adding halves, in the same order for all.
template <int S>
STRATA_INLINE void sumEach(vf* x) {
  if constexpr (S < W) {
#pragma GCC unroll 8
    for (int i = 0; i < W / (2 * S); i++) {
      vf a = x[2 * i], b = x[2 * i + 1];
      exchange<S>(a, b, std::make_integer_sequence<int, W>());
      x[i] = a + b;
    }
    sumEach<S * 2>(x);
  }
}

struct FewRows {
  MutableElements out;
  // Rows of `words` words each, a multiple of W, padded with zeros.
  const float* x;
  int64_t words;
  const void* w;
  const float* residual;
  int64_t N, I, O;
};

// tile[r · tileOutputs + c] += x[n + r] · w[o + c] over elements k … end, for `rows` rows and registerSums/rows
// outputs. Rows and outputs that do not exist repeat the last.
template <DType dtype, Product product, int rows>
STRATA_INLINE void dots(const FewRows& f, float* tile, int64_t n, int64_t o, int64_t k, int64_t end) {
  constexpr int columns = registerSums / rows;
  constexpr int64_t step = W * elementsPerWord<product>, size = elementBytes(dtype);
  vf sum[registerSums] = {};
  const float* x[rows];
  const char* w[columns];
  for (int r = 0; r < rows; r++) x[r] = f.x + smaller(n + r, f.N - 1) * f.words;
  for (int c = 0; c < columns; c++) w[c] = static_cast<const char*>(f.w) + smaller(o + c, f.O - 1) * f.I * size;
  const auto add = [&](int64_t i, int64_t left) __attribute__((always_inline)) {
    vf weights[columns];
#pragma GCC unroll 16
    for (int c = 0; c < columns; c++) {
      __builtin_prefetch(w[c] + i * size + ahead, 0, 2);
      weights[c] = loadWords<dtype, product>(w[c], i, left);
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
      const vf inputs = load(x[r] + i / elementsPerWord<product>);
#pragma GCC unroll 16
      for (int c = 0; c < columns; c++)
        sum[r * columns + c] = addProduct<product>(sum[r * columns + c], inputs, weights[c]);
    }
  };
  for (; k + step <= end; k += step) add(k, step);
  if (k < end) add(k, end - k);
  float total[registerSums];
#pragma GCC unroll 4
  for (int s = 0; s < registerSums; s += W) {
    sumEach<1>(sum + s);
    store(total + s, sum[s]);
  }
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns; c++) tile[r * tileOutputs + c] += total[r * columns + c];
}

// out[n … n + count, o … o + outputs), at most `rows` rows and tileOutputs outputs.
template <DType dtype, Product product, int rows>
void tileOf(const FewRows& f, int64_t n, int64_t count, int64_t o, int64_t outputs) {
  constexpr int64_t step = stepWords * elementsPerWord<product>;
  float tile[rows * tileOutputs] = {};
  for (int64_t k = 0; k < f.I; k += step)
    for (int64_t c = 0; c < outputs; c += registerSums / rows)
      dots<dtype, product, rows>(f, tile + c, n, o + c, k, smaller(f.I, k + step));
  for (int64_t r = 0; r < count; r++)
    for (int64_t c = 0; c < outputs; c += W) {
      const int64_t to = (n + r) * f.O + o + c, part = outputs - c;
      const vf begin = f.residual != nullptr ? loadUpTo(f.residual + to, part) : vf{};
      storeElements(f.out, to, load(tile + r * tileOutputs + c) + begin, part);
    }
}

template <DType dtype, Product product>
void matmulFewRows(Pool& pool, const FewRows& f) {
  const int64_t chunk = ceilDivide(32768 / f.I + 1, tileOutputs) * tileOutputs;
  parallelChunks(pool, f.O, chunk, [=](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o += tileOutputs)
      for (int64_t n = 0; n < f.N; n += mostRows) {
        const int64_t count = smaller(mostRows, f.N - n), outputs = smaller(tileOutputs, end - o);
        if (count > mostRows / 2) tileOf<dtype, product, mostRows>(f, n, count, o, outputs);
        else if (count > mostRows / 4) tileOf<dtype, product, mostRows / 2>(f, n, count, o, outputs);
        else tileOf<dtype, product, mostRows / 4>(f, n, count, o, outputs);
      }
  });
}

// Packs the rows of x as words of the product.
template <DType dtype, Product product>
void layWords(float* to, const void* x, int64_t words, int64_t N, int64_t I) {
  for (int64_t n = 0; n < N; n++)
    for (int64_t i = 0; i < I; i += W * elementsPerWord<product>)
      store(to + n * words + i / elementsPerWord<product>, loadWords<dtype, product>(x, n * I + i, I - i));
}

template <Product product>
void matmulFewRowsAs(Pool& pool, MutableElements out, Elements x, Elements w, const float* residual, int64_t N,
                     int64_t I, int64_t O) {
  const int64_t words = ceilDivide(wordsOf<product>(I), W) * W;
  float* laid = pool.scratch(0, sums, N * words);
  if (x.dtype == DType::f32) layWords<DType::f32, product>(laid, x.data, words, N, I);
  else layWords<DType::bf16, product>(laid, x.data, words, N, I);
  const FewRows f = {out, laid, words, w.data, residual, N, I, O};
  withDType(w.dtype, [&](auto dtype) { matmulFewRows<decltype(dtype)::value, product>(pool, f); });
}

}  // namespace

void matmul(Pool& pool, MutableElements out, Elements x, Elements w, const float* residual, bool sameX, int64_t N,
            int64_t I, int64_t O) {
  if (N > fewRows) return gemm(pool, {N, O, I, x, I, 1, w, 1, I, out, O, residual, false, sameX});
  if (pool.products() == DType::f32) return matmulFewRowsAs<Product::f32>(pool, out, x, w, residual, N, I, O);
#if STRATA_PAIRS
  matmulFewRowsAs<Product::pairs>(pool, out, x, w, residual, N, I, O);
#else
  matmulFewRowsAs<Product::rounded>(pool, out, x, w, residual, N, I, O);
#endif
}

void matmulInputGradient(Pool& pool, MutableElements dx, Elements dy, Elements w, bool accumulate, int64_t N, int64_t I,
                         int64_t O) {
  gemm(pool, {N, I, O, dy, O, 1, w, I, 1, dx, I, accumulate ? static_cast<const float*>(dx.data) : nullptr});
}

void matmulWeightGradient(Pool& pool, float* dw, Elements dy, Elements x, bool sameX, int64_t N, int64_t I, int64_t O) {
  gemm(pool, {O, I, N, dy, 1, O, x, I, 1, {dw, DType::f32}, I, dw, false, false, sameX});
}

// The lower half by tiles, then its mirror image.
void gram(Pool& pool, float* out, Elements x, bool ofColumns, int64_t N, int64_t I) {
  const int64_t size = ofColumns ? I : N, length = ofColumns ? N : I;
  const int64_t row = ofColumns ? 1 : I, k = ofColumns ? I : 1;
  gemm(pool, {size, size, length, x, row, k, x, k, row, {out, DType::f32}, size, nullptr, true});
  parallelChunks(pool, size, mirrorBlock, [=](int64_t begin, int64_t end, int) {
    for (int64_t block = begin; block < size; block += mirrorBlock)
      for (int64_t i = begin; i < end; i++)
        for (int64_t j = greater(i + 1, block); j < smaller(size, block + mirrorBlock); j++)
          out[i * size + j] = out[j * size + i];
  });
}

}  // namespace strata::STRATA_ISA
