#include "gemm.hpp"

namespace strata::STRATA_ISA {
namespace {

constexpr int64_t chunkLength = 16384;

}  // namespace

// Sums fixed chunks in f64, then adds these sums in ascending order.
void squaredNorm(Pool& pool, double* out, int64_t index, const float* x, int64_t length) {
  const int64_t chunks = ceilDivide(length, chunkLength);
  double* sums = reinterpret_cast<double*>(pool.scratch(0, partials, greater(1, chunks) * 2));
  parallelChunks(pool, length, chunkLength, [=](int64_t begin, int64_t end, int) {
    sums[begin / chunkLength] = sumOfSquares(x + begin, end - begin);
  });
  double total = 0;
  for (int64_t c = 0; c < chunks; c++) total += sums[c];
  out[index] = total;
}

// g ← scale · g; m ← β1 m + (1 − β1) g; v ← β2 v + (1 − β2) g²;
// w ← w (1 − λη) − η · (m / (1 − β1ᵗ)) / (√(v / (1 − β2ᵗ)) + ε); the gradient's memory ← 0, while it is in cache
void adamW(Pool& pool, float* weight, float* gradient, float* m, float* v, double learningRate, double beta1,
           double beta2, double epsilon, double weightDecay, int64_t step, double gradientScale, int64_t length) {
  const float keep = static_cast<float>(1 - learningRate * weightDecay), scale = static_cast<float>(gradientScale);
  const float b1 = static_cast<float>(beta1), rest1 = static_cast<float>(1 - beta1);
  const float b2 = static_cast<float>(beta2), rest2 = static_cast<float>(1 - beta2);
  const float rate = static_cast<float>(learningRate / (1 - std::pow(beta1, static_cast<double>(step))));
  const float root2 = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2, static_cast<double>(step))));
  const float e = static_cast<float>(epsilon);
  parallelChunks(pool, length, chunkLength, [=](int64_t begin, int64_t end, int) {
    float* __restrict weights = weight;
    float* __restrict first = m;
    float* __restrict second = v;
    float* __restrict gradients = gradient;
    for (int64_t i = begin; i < end; i++) {
      const float g = gradients[i] * scale;
      const float newFirst = b1 * first[i] + rest1 * g;
      const float newSecond = b2 * second[i] + rest2 * g * g;
      first[i] = newFirst;
      second[i] = newSecond;
      weights[i] = weights[i] * keep - rate * newFirst / (std::sqrt(newSecond) * root2 + e);
      gradients[i] = 0.0f;
    }
  });
}

}  // namespace strata::STRATA_ISA
