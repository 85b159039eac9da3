// Muon's Newton-Schulz iterations for blocks of few rows, each in the private memory of one thread: so many small
// products that calls of the product kernels would take longer than the work.
#include "gemm.hpp"

namespace strata::STRATA_ISA {
namespace {

constexpr int64_t tileRows = 4;

// out [m,n] = keep · add + left [m,k] · right [k,n]; n is a multiple of W, add may be null.
void multiply(float* out, const float* left, int64_t leftStride, const float* right, const float* add, float keep,
              int64_t m, int64_t k, int64_t n) {
  for (int64_t i = 0; i < m; i += tileRows) {
    const float* rows[tileRows];
    for (int64_t r = 0; r < tileRows; r++) rows[r] = left + smaller(i + r, m - 1) * leftStride;
    for (int64_t j = 0; j < n; j += 2 * W) {
      const int64_t second = j + W < n ? j + W : j;
      vf sums[tileRows][2] = {};
      for (int64_t p = 0; p < k; p++) {
        const vf b0 = load(right + p * n + j), b1 = load(right + p * n + second);
        for (int64_t r = 0; r < tileRows; r++) {
          const vf a = broadcast(rows[r][p]);
          sums[r][0] += a * b0;
          sums[r][1] += a * b1;
        }
      }
      for (int64_t r = 0; r < smaller(tileRows, m - i); r++) {
        const int64_t row = (i + r) * n;
        if (add != nullptr) {
          sums[r][0] += keep * load(add + row + j);
          sums[r][1] += keep * load(add + row + second);
        }
        store(out + row + second, sums[r][1]);
        store(out + row + j, sums[r][0]);
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

}  // namespace

// For each block X of blockRows rows: X ← X / max(‖X‖, epsilon), then X ← a X + (b G + c G²) X with G = X Xᵀ, where X
// is transposed if it has more rows than columns.
void orthogonalize(Pool& pool, float* out, const float* x, double a, double b, double c, int64_t iterations,
                   double epsilon, int64_t blockRows, int64_t rows, int64_t columns) {
  parallel(pool, ceilDivide(rows, blockRows), [=, &pool](int64_t block, int thread) {
    const int64_t first = block * blockRows, n = smaller(blockRows, rows - first);
    const float* source = x + first * columns;
    const int64_t size = smaller(n, columns), length = greater(n, columns);
    const int64_t wide = ceilDivide(length, W) * W, narrow = ceilDivide(size, W) * W;
    float* current = pool.scratch(thread, packedA, 2 * size * wide + length * narrow + 2 * size * narrow);
    float* next = current + size * wide;
    float* transposed = next + size * wide;
    float* gram = transposed + length * narrow;
    float* polynomial = gram + size * narrow;

    // 1. The block with whole vectors of columns, divided by its norm.
    double squares = 0;
    for (int64_t i = 0; i < n * columns; i++) squares += static_cast<double>(source[i]) * source[i];
    const double norm = std::sqrt(squares);
    const float scale = static_cast<float>(1 / (norm > epsilon ? norm : epsilon));
    if (n <= columns) {
      for (int64_t r = 0; r < size; r++) {
        for (int64_t i = 0; i < wide; i++) current[r * wide + i] = i < length ? source[r * columns + i] * scale : 0;
      }
    } else {
      transpose(current, wide, source, columns, n, columns);
      for (int64_t i = 0; i < size * wide; i++) current[i] *= scale;
    }

    // 2. The iterations; a polynomial of b/c · G + G², whose factor c comes last.
    for (int64_t it = 0; it < iterations; it++) {
      transpose(transposed, narrow, current, wide, size, length);
      multiply(gram, current, wide, transposed, nullptr, 0, size, length, narrow);
      multiply(polynomial, gram, narrow, gram, gram, static_cast<float>(b / c), size, size, narrow);
      for (int64_t i = 0; i < size * narrow; i++) polynomial[i] *= static_cast<float>(c);
      multiply(next, polynomial, narrow, current, current, static_cast<float>(a), size, size, wide);
      float* swapped = current;
      current = next;
      next = swapped;
    }

    // 3. The result without the padding.
    float* target = out + first * columns;
    if (n <= columns) {
      for (int64_t r = 0; r < size; r++) std::memcpy(target + r * columns, current + r * wide, columns * sizeof(float));
    } else {
      for (int64_t r = 0; r < n; r++)
        for (int64_t i = 0; i < columns; i++) target[r * columns + i] = current[i * wide + r];
    }
  });
}

}  // namespace strata::STRATA_ISA
