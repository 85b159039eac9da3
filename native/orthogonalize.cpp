// Muon's Newton-Schulz iterations for blocks of few rows, each in the private memory of one thread: so many small
// products that calls of the product kernels would take longer than the work. All that is done to the long side of a
// block is its Gram matrix and the last product: the polynomials of a Gram matrix commute with it, so the iterations
// can be carried out on the short side alone.
#include "gemm.hpp"

namespace strata::STRATA_ISA {
namespace {

// Rows of a tile of 2 vectors: the sums of a tile stay in registers.
constexpr int64_t tileRows = W == 16 ? 8 : 4;

// out [m,n] = scale · left [m,k] · right [k,n] + keep · add; n is a multiple of W, add may be null.
void multiply(float* out, const float* left, int64_t leftStride, const float* right, float scale, const float* add,
              float keep, int64_t m, int64_t k, int64_t n) {
  for (int64_t i = 0; i < m; i += tileRows) {
    const float* rows[tileRows];
    for (int64_t r = 0; r < tileRows; r++) rows[r] = left + smaller(i + r, m - 1) * leftStride;
    for (int64_t j = 0; j < n; j += 2 * W) {
      const int64_t second = j + W < n ? j + W : j;
      vf sums[tileRows][2] = {};
      for (int64_t p = 0; p < k; p++) {
        const vf b0 = load(right + p * n + j), b1 = load(right + p * n + second);
#pragma GCC unroll 8
        for (int64_t r = 0; r < tileRows; r++) {
          const vf a = broadcast(rows[r][p]);
          sums[r][0] = multiplyAdd(a, b0, sums[r][0]);
          sums[r][1] = multiplyAdd(a, b1, sums[r][1]);
        }
      }
#pragma GCC unroll 8
      for (int64_t r = 0; r < tileRows; r++) {
        if (i + r >= m) break;
        const int64_t row = (i + r) * n;
        vf first = sums[r][0] * scale, last = sums[r][1] * scale;
        if (add != nullptr) {
          first += keep * load(add + row + j);
          last += keep * load(add + row + second);
        }
        store(out + row + second, last);
        store(out + row + j, first);
      }
    }
  }
}

// [rows, stride] → [columns, outStride], whose further elements are 0.
void transpose(float* out, int64_t outStride, const float* x, int64_t stride, int64_t rows, int64_t columns) {
  for (int64_t c = 0; c < columns; c++) {
    for (int64_t r = 0; r < rows; r++) out[c * outStride + r] = x[r * stride + c];
    for (int64_t r = rows; r < outStride; r++) out[c * outStride + r] = 0;
  }
}

void exchange(float*& a, float*& b) {
  float* const before = a;
  a = b;
  b = before;
}

}  // namespace

// For each block X of blockRows rows: X ← X / max(‖X‖, epsilon), then X ← P X with P = a + b G + c G², G = X Xᵀ; X is
// transposed if it has more rows than columns. As P and G commute, G ← P G P, and the product of all P comes last.
void orthogonalize(Pool& pool, float* out, const float* x, double a, double b, double c, int64_t iterations,
                   double epsilon, int64_t blockRows, int64_t rows, int64_t columns) {
  parallel(pool, ceilDivide(rows, blockRows), [=, &pool](int64_t block, int thread) {
    const int64_t first = block * blockRows, n = smaller(blockRows, rows - first);
    const float* source = x + first * columns;
    const int64_t size = smaller(n, columns), length = greater(n, columns);
    const int64_t wide = ceilDivide(length, W) * W, narrow = ceilDivide(size, W) * W, square = size * narrow;
    float* const current = pool.scratch(thread, packedA, 2 * size * wide + length * narrow + 5 * square);
    float* const result = current + size * wide;
    float* const transposed = result + size * wide;
    float* gram = transposed + length * narrow;
    float* next = gram + square;
    float* const polynomial = next + square;
    float* product = polynomial + square;
    float* nextProduct = product + square;

    // 1. The block with whole vectors of columns, divided by its norm.
    const double norm = std::sqrt(sumOfSquares(source, n * columns));
    const float scale = static_cast<float>(1 / (norm > epsilon ? norm : epsilon));
    if (n <= columns) {
      for (int64_t r = 0; r < size; r++) {
        for (int64_t i = 0; i < wide; i++) current[r * wide + i] = i < length ? source[r * columns + i] * scale : 0;
      }
    } else {
      transpose(current, wide, source, columns, n, columns);
      for (int64_t i = 0; i < size * wide; i++) current[i] *= scale;
    }
    transpose(transposed, narrow, current, wide, size, length);
    multiply(gram, current, wide, transposed, 1, nullptr, 0, size, length, narrow);

    // 2. The iterations.
    for (int64_t it = 0; it < iterations; it++) {
      float* const target = it == 0 ? product : polynomial;
      multiply(target, gram, narrow, gram, static_cast<float>(c), gram, static_cast<float>(b), size, size, narrow);
      for (int64_t i = 0; i < size; i++) target[i * narrow + i] += static_cast<float>(a);
      if (it + 1 < iterations) {
        multiply(next, target, narrow, gram, 1, nullptr, 0, size, size, narrow);
        multiply(gram, next, narrow, target, 1, nullptr, 0, size, size, narrow);
      }
      if (it == 0) continue;
      multiply(nextProduct, target, narrow, product, 1, nullptr, 0, size, size, narrow);
      exchange(product, nextProduct);
    }
    multiply(result, product, narrow, current, 1, nullptr, 0, size, size, wide);

    // 3. The result without the padding.
    float* target = out + first * columns;
    if (n <= columns) {
      for (int64_t r = 0; r < size; r++) std::memcpy(target + r * columns, result + r * wide, columns * sizeof(float));
    } else {
      for (int64_t r = 0; r < n; r++)
        for (int64_t i = 0; i < columns; i++) target[r * columns + i] = result[i * wide + r];
    }
  });
}

}  // namespace strata::STRATA_ISA
